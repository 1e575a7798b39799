"""Result objects: what a case's numbers become, and what they take from their sources.

`report` is the structured report, `images` are masks, maps and series, `presentation`
is what people are shown first, and `gate` looks at each object before it is sent. What
all of them share stands here: attributes carried over (`source_attributes`,
`group_subject`), the frame of a new object (`new_object`), references
(`listed_sources`, `encoded_references`), what a region is called (`tracking`) and where
it lies (`finding_site`).

Every object comes out in the same bytes however often it is built: UIDs and instants
are arguments (`dicom_io.stamp`).
"""
