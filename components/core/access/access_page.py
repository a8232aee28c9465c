"""A map as one HTML file that asks nothing of anywhere: readable without scripts, searchable and sortable with them."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from ...display import plain
from .access_map import BY_NAME
from .access_table import Table

_STYLE = """
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#4c5561;--line:#c9d1d9;--head:#eef1f4;--link:#0550ae;
--wide:#8a1c1c;--wide-back:#ffe3e0}
@media (prefers-color-scheme:dark){:root{--back:#0f1318;--text:#e6edf3;--soft:#a9b4c0;--line:#3b434d;--head:#1c232b;
--link:#79b8ff;--wide:#ffb4ab;--wide-back:#4a1512}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
header,main,footer{max-width:110rem;margin:0 auto;padding:1rem}
a{color:var(--link)}nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}
nav a{display:inline-block;padding:.25rem 0}
p{margin:.25rem 0 .75rem;color:var(--soft)}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.4rem}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;padding:.5rem .6rem;color:var(--soft)}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);overflow-wrap:anywhere;
min-width:7rem}
thead th{background:var(--head)}tbody th{font-weight:600}
.wide{color:var(--wide);background:var(--wide-back);font-weight:600;padding:0 .3rem;border-radius:.2rem}
button,input{font:inherit;color:inherit;background:var(--back);border:1px solid var(--soft);border-radius:.3rem}
button{white-space:nowrap;padding:.2rem .5rem;min-height:24px;cursor:pointer}
input{padding:.4rem .6rem;width:min(30rem,100%);display:block}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
:target{outline:3px solid var(--link)}
@media print{.search,button{display:none}.scroll{overflow:visible;border:0}}
"""
_SCRIPT = """
'use strict';
const tables=[...document.querySelectorAll('table')];
const rows=tables.flatMap(table=>[...table.tBodies[0].rows].map(row=>({row,text:row.textContent.toLowerCase()})));
const box=document.getElementById('search'),count=document.getElementById('count');
document.querySelector('.search').hidden=false;
box.addEventListener('input',()=>{
 const words=box.value.toLowerCase().split(/\\s+/).filter(Boolean);let shown=0;
 for(const {row,text} of rows){const fits=words.every(word=>text.includes(word));
  if(row.hidden===fits)row.hidden=!fits;if(fits)shown+=1}
 count.textContent=words.length?shown+' of '+rows.length+' rows':rows.length+' rows'});
count.textContent=rows.length+' rows';
const order=new Intl.Collator('en',{numeric:true}).compare;
for(const table of tables)for(const head of table.tHead.rows[0].cells){
 const button=document.createElement('button');button.type='button';button.textContent=head.textContent;
 head.replaceChildren(button);
 button.addEventListener('click',()=>{
  const down=head.getAttribute('aria-sort')==='ascending',body=table.tBodies[0],at=head.cellIndex;
  for(const other of head.parentNode.cells)other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort',down?'descending':'ascending');
  const sorted=[...body.rows].map(row=>[row.cells[at].textContent,row]).sort((a,b)=>order(a[0],b[0]));
  if(down)sorted.reverse();body.append(...sorted.map(each=>each[1]))})}
"""
_LINKED = ("parameters", "roles")
_ID = 12


def page(
    title: str,
    source: str,
    version: str,
    tables: Sequence[Table],
    document: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> str:
    """The page.

    Args:
        title: what it is a map of.
        source: what it was made from.
        version: the product's version.
        tables: what is shown.
        document: the same for programs, which the page holds too.
        notes: what stands below the tables.
    """
    shown = [each for each in tables if each.rows]
    policy = f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; base-uri 'none'"
    links = "".join(f'<li><a href="#{each.id}">{each.title} ({len(each.rows):,})</a></li>' for each in shown)
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n<body><header><h1>{_text(title)}</h1>",
        f"<p>{_text(source)}</p>",
        f'<nav aria-label="Views"><ul>{links}</ul></nav>',
        '<div class="search" hidden><label for="search">Search in all tables</label>',
        '<input id="search" type="search" autocomplete="off"><p id="count" role="status"></p></div></header>\n<main>',
        *(part for each in shown for part in _table(each)),
        *([] if shown else ["<p>There are no stores, ExternalSecrets or PushSecrets.</p>"]),
        *(f"<p>{_text(each)}</p>" for each in notes),
        f"</main>\n<footer><p>pulumi-parameter-store {_text(version)}. {_text(source)}. ",
        "Made from declarations: there are no secret values in this file.</p></footer>\n",
        f'<script type="application/json" id="map">{_embedded(document)}</script>\n<script>{_SCRIPT}</script>',
        "</body></html>\n",
    ]
    return "".join(parts)


def _table(table: Table) -> Iterator[str]:
    """A section. End tags that HTML does not need are left out: a large map has tens of thousands."""
    yield f'<section><h2 id="{table.id}">{table.title}</h2>\n'
    yield f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{table.id}"><table>'
    yield f"<caption>{table.question}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{each}</th>' for each in table.headers)
    yield "</tr></thead><tbody>\n"
    for first, *cells in table.rows:
        mark = f' id="{_id(table.id, first)}"' if table.id in _LINKED else ""
        rest = "".join(
            f"<td>{_scope(each[0]) if at == table.scopes else _cell(each)}" for at, each in enumerate(cells, 1)
        )
        yield f"<tr{mark}><th scope=row>{_cell(first)}{rest}\n"
    yield "</tbody></table></div></section>\n"


def _scope(text: str) -> str:
    """How far a grant goes: wide ones in a colour of their own, besides the word."""
    return _text(text) if text == BY_NAME else f"<span class=wide>{_text(text)}</span>"


def _cell(lines: Sequence[str]) -> str:
    return "<br>".join(map(_text, lines))


def _text(text: str) -> str:
    return escape(plain(text))


def _id(table: str, cell: Sequence[str]) -> str:
    """An address that stays while the name does, so that a comment can point to a row."""
    return f"{table}-{hashlib.sha256(repr(tuple(cell)).encode()).hexdigest()[:_ID]}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embedded(document: Mapping[str, Any]) -> str:
    """JSON in a script's place, where `<` could end the script; U+2028 and U+2029 are escaped by `dumps` already."""
    text = json.dumps(document, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
