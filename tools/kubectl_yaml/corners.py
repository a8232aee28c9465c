"""Texts written by hand, each for one rule of Go's decoder that differs from what one would expect, or from PyYAML."""

# ruff: noqa: E501 - tables of texts

_SCALARS = (
    "22:30", "190:20:30", "10:20:30.5", "0x_", "0_7", "08", "010", "1_000", "1__0.5", "+.5", "._5", ".5_0", "- .e3", "1e400",
    "1" * 5000, "0" * 5000 + "1", "1." + "0" * 5000, "0o17", "0O17", "-0", "-0.0", "18446744073709551615", "18446744073709551616",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "0b-1", "0b+1", "-0b1", "0b1_0",
    "0x8000000000000000", "-0x8000000000000000", "0b" + "1" * 63, "0b" + "1" * 64, "0b" + "1" * 65, "1e20", "1e21", "1e3",
    "4611686018427387904.0", "9223372036854775807.0", "123456789.5", "1.0", "1e-7", ".5e3", "5.e3", "+1", "1e", "--1", "+-1", "0x1p4",
    "Infinity", ".inf", "-.Inf", "+.INF", ".nan", ".NaN", "nan", "yes", "Yes", "YES", "yEs", "y", "n", "on", "off", "oFF", "true", "tRue",
    "null", "~", "nULL", "", "=", "<<", "2001-01-01", "2001-1-1", "2001-13-01", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5",
    "!!int 5", "!!int abc", "!!int ''", "!!int 1.5", "!!int 18446744073709551615", "!!float 5", "!!float 18446744073709551615", "!!float abc",
    "!!bool yes", "!!bool abc", "!!bool 1", "!!null ''", "!!null x", "!!null ~", "!!str 5", "!!str", "!!str ~", "!!binary aGk=", "!!binary aGk",
    "!!binary a", "!!binary '/w=='", "!!binary |\n  aGVs\n  bG8=\n", "!!timestamp 2001-01-01", "!!timestamp 2000-02-29", "!!timestamp 2001-02-29",
    "!!timestamp 2001-1-1T1:2:3Z", "!!timestamp 2001-1-1 1:2:3", "!!timestamp 2001-1-1t1:2:3,5+25:00", "!!timestamp 2001-01-01T24:00:00Z",
    "!!timestamp abc", "!foo 5", "! 5", "! ''", "!!map [a]", "!!seq {a: b}", "!!set {a, b}", "!<tag:yaml.org,2002:int> 5", "!<x> 5", "!e!x 5",
    "! &x 5", "&x 5", "&x !!int 5", "&x", "'it''s'", "\"it\\'s\"", "\"\\\\'\"", "'\\'", '"\\/"', "'\\/'", '"\\\\/"', '"\\u00e9\\x41\\U0001f600"',
    '"\\ud83d\\ude00"', '"\\uD800"', '"\\q"', '"a\\\n   b"', '"a\n\n\n   b"', '"a\tb"', '"\\t"', '"\\0"', "a\tb", "a\t", "a\t# c", "a #c", "a#c",
    "@a", "`a", "%a", "*x", "a: b", "a:", ":a", "-a", "?a", "? a", "- a", "[a, b", "[a,,b]", "[a,]", "[,]", "{a, b: }", "{a: b?c}", "{?a: b}",
    "{a: !!str, b: c}", "{a: !!str , b: c}", "[a: b, c]", "[? a : b]", "[-]", "[- a]", "{a:1}", '{"a":1}', "{a:}", "[a:]", "{'a':b}",
    "[http://a.test/?x=1]", "[a#b]", "[a #b]", "|\n  a\n b\n", "|2\n    a\n", "|0\n  a", "|-\n  a\n\n", "|+\n  a\n\n", "> # c\n  a\n  b\n\n  c\n",
    "|\n\ta", "|\n  \ta", "|a", "|\n", "\ufeffa", "a\u2028b", "a\x85b", "\xa0", "é", "\U0001f600", "{{ .x }}", "{{- if .x }}", "${X}", "k" * 2000,
)  # fmt: skip
_KEYS = (
    "yes", "NO", "on", "y", "~", "null", "''", "1", "0x10", "1.5", "1e6", "0.1", "16777217.0", "3.4e38", "3.5e38", "1e-5", "1e-46", "-0.0", ".inf",
    "-.inf", ".nan", "18446744073709551615", "9223372036854775807", "2001-01-01", "!!str 1", "!!int a", "!!binary aGk=", "<<", "'<<'", "!!merge x",
    "!!merge <<", "!!str <<", "[a]", "{a: b}", "? a", "? [a]\n", "&a b", "*x", "a b", "'a'", "k" * 1000, "k" * 1100, '"' + "k" * 1100 + '"',
    "? " + "k" * 1100 + "\n", "a\tb", "é",
)  # fmt: skip
_JSON = (
    '{"a": 1e3, "b": -0, "c": 1.0, "d": 12345678901234567890, "e": 1.5e300, "f": -0.0, "g": 1E2}', '{"a": 1e400}', '{"a": 01}', '{"a": +1}', '{"a": .5}',
    '{"a": 1.}', '{"a": -}', '{"a": NaN}', '{"a": Infinity}', '{"a": 1,}', "{'a': 1}", '{"a": "b\tc"}', '{"a": "b\nc"}', '{"a": "\x7f\x80"}',
    '{"a": "\\/\\u00e9\\ud83d\\ude00"}', '{"a": "\\ud83d"}', '{"a": "\\ude00\\ud83d"}', '{"a": "\\ud83d\\n"}', '{"a": "\\x41"}', '{"a": "\\u12"}',
    '{"a":1}{"b":2}', '{"a":1}\n{"b":2}\n', '{"a":1} null {"b":2}', '{"a":1} [1] 2 "x" true', '{"a":1}01', '{"a":1}truefalse', '{"a":1},{"b":2}',
    '{"a":1}\n---\n{"b":2}', '{"a":1}\n---\n{"b":2}\n---\n{"c":3}', '{"a":1}{"b":2}\n---\n{"c":3}', '{"a":1}---\nb: 2', '{"a":1}\nb: 2', '{"a":1}\n\nb: 2',
    '{"a":1}\n#x', '{"a":1}\n#xy', '{"a":1}\n# c\n{"b":2}\n', '{"a":1}\n# c\n{"b":2}\n{"c":3}\n', '{"a":1}\n\ufeff{"b":2}', '\ufeff{"a":1}', '\ufeff\ufeff{"a":1}',
    '{"a":1}\n---\n{"b":"\\ud83d\\ude00"}', '{"a":1}\n---\n{"b":"\\/"}', '{"%s":1}' % ("k" * 2000), '{"a":1}\n---\n{"%s":1}' % ("k" * 2000),
    '[{"a":1}]', '["a\\/b"]', '"a"', "12", "null", '{"a":{"b":{}}}}', '{"a":1', '{"a"', "{", "{}", "{}{}", "\xa0{}", "\v{}", "\u3000{}",
    " " * 5000 + '{"a":1}', " " * 5000 + '{"a":"\\ud83d\\ude00"}', "\n\n  {a: 1}\n", '  {"a": 1}\n  {"b": 2}', '\t{\n\t"a":\t1\n\t}\n', '{"yes": "yes", "1": null}',
    '{"a":1,"a":2}', '{"a":"\\u0061","\\u0061":1}', "// c\n{}", "/* c */ {}", '{"a":1}\r\n{"b":2}\r\n', '{"a":1}\x00', '{"a":"\x00"}',
)  # fmt: skip
_TEXTS = (
    "", "\n", " ", "#", "# c\n", "---", "---\n", "---\n---\n", "---\n\n---\n# c\n---\n", "--- # c\na: b", "---\t\na: b", "---\r\na: b\r\n", "--- a", "--- {a: b}",
    "---a", "----", "a: b\n----\n", "a: b\n--- |\n c\n", "a: b\n---", "a: b\n---\n", "a: b\n --- \nc: d", "a: |\n  x\n---\n  y\n", "a: 'x\n---\n  y'", "a: b\n---\nc: d\n",
    "a: b\n---\n\n\n---\nc: d", "---\nnull\n---\na: b", "a: b\n...\n", "a: b\n...\n# c\n", "a: b\n...\nc: d", "a: b\n...\n---\nc: d", "...\na: b", "{a: b} c", "'a' b",
    "a: b\n\ufeffc: d", "\ufeffa: b", "\ufeff\ufeffa: b", "a: b\n---\n\ufeffc: d", "a: b\n\ufeff---\nc: d", "\ufeff---\na: b", "a: \ufeffb", "\ufeff", "a: b\r\nc: |\r\n  d\r\n  e\r\n",
    "a: b\rc: d\r", "a: >\r\r\n  b\r\r\n  c\r\r\n", "a: b\r---\rc: d", "%YAML 1.1\n---\na: b", "%YAML 1.2\n---\na: b", "%TAG !e! tag:e.test,2000:\n---\na: !e!x b", "%FOO\n---\na", "a: b\n%c: d",
    "a:\n  - b\n  - c\nd:\n- e\n- f\n", "- - a\n  - b\n-\n - c\n", "- a\n b\n", "a:\n   b: c\n  d: e", "a:\n\tb: c", "\ta: b", "a: b\n\tc", "- \ta", "-\ta", "? \ta\n: \tb", "a:\tb\nc:\t- d", "a:\tb\t\n\nc: d",
    "a: b: c", "a: 'b' c", 'a: "b"c', "a: [b\n]", "a: [b\n  ]", "a: {b: c,\n  d: e}", "a\nb: c", "a: b\n  c: d", "a: b\nc", "'a\n b': c", "? a\n? b\n: c\n", "? - a\n: b", ": a", ": ", "a: ? b",
    "x: &a {b: c}\ny: *a\n*a : d", "x: &a b\n*a : d", "x: *a\ny: &a b", "x: &a [*a]", "x: &a {b: *a}", "x: &a {<<: *a}", "x: &a [&a b, *a]\ny: *a", "&a a: b\nc: *a", "x: &a\ny: *a", "x: &a b\n---\ny: *a",
    "x: &a {b: c}\ny: {<<: *a, d: e}", "x: &a {b: c}\ny: {b: 1, <<: *a}", "x: &a {b: c}\ny: {<<: *a, b: 1}", "<<: {a: b}\n<<: {c: d}", "<<: [{a: 1}, {a: 2, b: 3}]", "<<: {<<: {a: b}, c: d}", "<<: x", "<<: ", "<<: []",
    "<<: [[a]]", "<<: [x]", "x: &a [{b: c}]\n<<: *a", "x: &a {b: c}\n<<: [*a, {d: e}]", "x: &a << \n*a : {b: c}", "<<: !!null {a: b}", "- <<", "? <<\n: {a: b}", '"<<": {a: b}', "!!merge a: {b: c}", "a: {<<: {yes: 1, true: 2}}",
    "a: 1\na: 2", "a: 1\n'a': 2", "yes: 1\ntrue: 1", "a: {b: 1, b: 1}", "<<: {a: 1}\na: 2\n<<: {a: 3}", "a: &x 1\nb: *x\n", "[[[[a]]]]", "[a]: b", "? [a]\n: b", "{[a]: b}", "{a: {b: {c: [d]}}}", "!!map\na: b", "!!str\na", "&x\na: b",
    "a: 'b", 'a: "b', "a: [", "a: {", "a: [b, c", "- a\nb: c", "a: b\n- c", "a\x0bb", "a: '\x0b'", "a\x00b", "a\x1bb", "\x7f", "a\ufffeb", "\u2028a: b", "a: b # c\n# d\n", "a: b#c", "#a: b", "a: #b\n  c",
    "a: &\u00e9 b", "a: &b-c d\ne: *b-c", "a: &b:c d", "a: !<> b", "a: !! b", "a: !%41 b", "a: !!str%20 b", "! a: b", "a: |\n  b\n c: d", "a: |\n b\n  c\n d\n", "a: |1\n  b\n", "a: >-\n  b\n\n  c\n   d\n  e\n", "a: >2\n   b\n",
    "a: |\n\n\n  b", "a: |\n    \n  b", 'a: "b\\\n\n  c"', "a: 'b\n\n  c'", "a: b\n\n c", "a:\n  b\n  c\n", "a: b\n #c\n d", "a: -\n", "a: - b", "a: -b", "-", "- ", "- -", "-- a", "?", "? ", "!", "&", "*", "|", ">", "'", '"', "%", "@", "[", "]", "{", "}", ",", ":",
    "x:\n  m0: &m0 {a: b}\n" + "".join(f"  m{i}: &m{i} {{<<: [{','.join([f'*m{i - 1}'] * 10)}]}}\n" for i in range(1, 9)),
    "l0: &l0 []\n" + "".join(f"l{i}: &l{i} [{','.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 10)),
    "l0: &l0 [a, b]\n" + "".join(f"l{i}: &l{i} [{','.join([f'*l{i - 1}'] * 4)}]\n" for i in range(1, 4)),
    "[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300,
    "a: " + "[" * 150 + "]" * 150, "a: " + "[" * 12000 + "]" * 12000, "{" * 50 + "}" * 50, '{"a":' * 150 + "1" + "}" * 150,
)  # fmt: skip


def corners() -> list[str | bytes]:
    """All of them."""
    texts: list[str | bytes] = [*_TEXTS, *_JSON]
    for each in _SCALARS:
        texts += [f"a: {each}\n", f"- {each}\n", each]
        if "\n" not in each and len(each) < 100:
            texts.append(f"x: &x {{y: z}}\na: [{each}, b]\n")
            texts.append(f"a: {{b: {each}, c: {each}}}\n")
    for each in _KEYS:
        texts += [f"{each}: a\n", f"x: &x y\nb: {{{each}: c}}\n"]
    utf_16 = "a: \u00e9\nb: \U0001f600\n"
    texts += [
        utf_16.encode("utf-16"),
        b"\xfe\xff" + utf_16.encode("utf-16-be"),
        '{"a": "\u00e9"}'.encode("utf-16"),
        "a: 1\n---\nb: 2\n".encode("utf-16"),
        utf_16.encode("utf-16-le"),
        utf_16.encode("utf-16-be"),
        utf_16.encode("utf-32"),
        b"\xff\xfea",
        b"\xff\xfe\x00\xd8a\x00",
        b"a: \xff\n",
        b"a: \xc3\n",
        b"a: \xed\xa0\x80\n",
        b"a: b\n# \xe4\n",
        b'{"a": "\xff"}',
        b"\xef\xbb\xbfa: b\n",
        b"\xef\xbb",
    ]
    return list(dict.fromkeys(texts))
