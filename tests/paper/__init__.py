"""The whole study of the paper on phantoms, through DICOM: ``make paper``.

truth (a stated generative model) -> scans (DICOM, and the node's own features of it)
-> written_tables (flow cytometry, CIBERSORTx, design) -> commands (the five, by their
command line) -> recovered (was the truth found?) -> side_by_side (the paper and ours).

``docs/paper.md`` says what the model is and what the numbers are not.
"""
