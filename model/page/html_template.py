"""What the HTML page of a report looks like: its template and its style.

Design choice: the style is in the page and asks for fonts that every machine has, so
that the page can be mailed, archived and opened anywhere. It has no script, and its
content security policy forbids every fetch.

Design choice: contrast of text is at least 7 to 1 (WCAG 2.2, level AAA). Warnings
differ by a word and a bar beside their colour.
"""

STYLE = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: #fff; color: #1f2933;
  font: 1rem/1.55 system-ui, "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; }
.page { max-width: 64rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
header { border-bottom: 3px solid #0b4f71; padding-bottom: 1rem;
  margin-bottom: 1.75rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0; color: #0b2e40;
  letter-spacing: -0.01em; }
.subtitle { font-size: 1.1rem; margin: 0.35rem 0 0; color: #3e4c59; }
.made { font-size: 0.85rem; margin: 0.6rem 0 0; color: #3e4c59; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.75rem 0 0.75rem; color: #0b4f71;
  border-bottom: 1px solid #cbd2d9; padding-bottom: 0.3rem; }
p { margin: 0.6rem 0; max-width: 46rem; }
p, li, caption, figcaption, h1, h2 { overflow-wrap: anywhere;
  unicode-bidi: plaintext; }
ul { margin: 0.6rem 0; padding-left: 1.3rem; max-width: 46rem; }
li { margin: 0.25rem 0; }
a { color: #0b4f71; }
.summary { background: #f0f6fa; border: 1px solid #b8d3e2; border-radius: 6px;
  padding: 1rem 1.4rem 1.2rem; margin: 0 0 1.75rem; }
.summary h2 { margin: 0 0 0.5rem; border: 0; padding: 0; font-size: 1.1rem; }
.summary > p:first-of-type { font-size: 1.08rem; }
.notice { border-left: 5px solid #0b4f71; background: #eef4f8; margin: 0.9rem 0;
  padding: 0.6rem 1rem; max-width: 46rem; }
.notice p { margin: 0; }
.notice.warning { border-left-color: #b34700; background: #fff4e8; }
.notice strong { text-transform: uppercase; font-size: 0.8rem; letter-spacing: 0.06em;
  margin-right: 0.5rem; color: #0b4f71; }
.notice.warning strong { color: #8a3600; }
nav { font-size: 0.95rem; margin: 0 0 1rem; }
nav h2 { font-size: 1rem; border: 0; margin: 0 0 0.3rem; padding: 0; }
nav ol { columns: 18rem; margin: 0; padding-left: 1.5rem; }
nav li { margin: 0.15rem 0; break-inside: avoid; }
.wide { overflow-x: auto; margin: 1.1rem 0 1.4rem; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.4; }
caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 0.5rem;
  color: #1f2933; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top;
  min-width: 3.2em; overflow-wrap: break-word; unicode-bidi: plaintext; }
thead th { border-bottom: 2px solid #52606d; vertical-align: bottom; }
tbody tr { border-bottom: 1px solid #e4e7eb; }
tbody tr:hover { background: #f5f7fa; }
.number { text-align: right; font-variant-numeric: tabular-nums lining-nums; }
td.number { overflow-wrap: normal; white-space: pre-wrap; }
figure { margin: 1.4rem 0 1.8rem; }
figure svg { display: block; max-width: 100%; height: auto; }
figcaption { font-size: 0.9rem; color: #3e4c59; margin-top: 0.5rem; max-width: 46rem; }
footer { margin-top: 3.5rem; padding-top: 0.8rem; border-top: 1px solid #cbd2d9;
  font-size: 0.85rem; color: #3e4c59; }
@media (max-width: 40rem) {
  .page { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.5rem; }
}
@media print {
  @page { size: A4; margin: 18mm 16mm; }
  body { font-size: 10pt; }
  .page { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  nav { display: none; }
  table { font-size: 8.5pt; }
  th, td { overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  tr, figure, .notice { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  .summary, .notice { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""

TEMPLATE = """\
{% macro blocks(items) %}
{%- for item in items %}
{%- if item.kind == "Paragraph" %}
<p>{{ item.block.text }}</p>
{%- elif item.kind == "Notice" %}
<div class="notice {{ item.block.weight }}" role="note"><p><strong>{{ item.word }}\
</strong>{{ item.block.text }}</p></div>
{%- elif item.kind == "Points" %}
<ul>
{%- for text in item.block.items %}
<li>{{ text }}</li>
{%- endfor %}
</ul>
{%- elif item.kind == "Table" %}
<div class="wide" role="region" tabindex="0" aria-label="{{ item.label }}"><table>
{%- if item.block.caption %}
<caption>{{ item.block.caption }}</caption>
{%- endif %}
<thead><tr>
{%- for column in item.block.columns %}
<th scope="col"{% if column.numeric %} class="number"{% endif %}>{{ column.title }}</th>
{%- endfor %}
</tr></thead>
<tbody>
{%- for row in item.block.rows %}
<tr>
{%- for cell in row %}
<td{% if item.block.columns[loop.index0].numeric %} class="number"{% endif %}>\
{{ cell }}</td>
{%- endfor %}
</tr>
{%- endfor %}
</tbody></table></div>
{%- elif item.kind == "Figure" %}
<figure>
{{ item.svg }}
<figcaption><b>{{ item.word }}</b> {{ item.block.caption }}</figcaption>
</figure>
{%- endif %}
{%- endfor %}
{%- endmacro -%}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{{ document.made_by }}">
{%- if document.keywords %}
<meta name="keywords" content="{{ document.keywords | join(', ') }}">
{%- endif %}
<title>{{ document.title }}{% if document.subtitle %} - {{ document.subtitle }}\
{% endif %}</title>
<style>
{{ style }}</style>
</head>
<body>
<div class="page">
<header>
<h1>{{ document.title }}</h1>
{%- if document.subtitle %}
<p class="subtitle">{{ document.subtitle }}</p>
{%- endif %}
<p class="made">{{ document.made_at }} &middot; {{ document.made_by }} &middot; \
for research use only</p>
</header>
<main>
{%- if summary %}
<section class="summary" aria-labelledby="summary">
<h2 id="summary">Summary</h2>
{{- blocks(summary) }}
</section>
{%- endif %}
{%- if sections | length > 1 %}
<nav aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ol>
{%- for section in sections %}
<li><a href="#section-{{ loop.index }}">{{ section.title }}</a></li>
{%- endfor %}
</ol>
</nav>
{%- endif %}
{%- for section in sections %}
<section aria-labelledby="section-{{ loop.index }}">
<h2 id="section-{{ loop.index }}">{{ section.title }}</h2>
{{- blocks(section.blocks) }}
</section>
{%- endfor %}
</main>
<footer>For research use only. Not for diagnosis. Made by {{ document.made_by }}, \
{{ document.made_at }}.</footer>
</div>
</body>
</html>
"""
