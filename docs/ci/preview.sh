#!/usr/bin/env bash
# Copy to ci/preview.sh. Previews the stack $PULUMI_STACK and writes comment.md for the pull request: the errors, else what
# would change and why, who may read what that could not before, and the whole preview folded. Ends as the preview ended.
# Nothing is decrypted. With POLICIES=1 the rules of docs/policies.md are asked as well.
set -uo pipefail
rm -f comment.md # of an earlier run
: "${PULUMI_STACK:?set it to the name of the stack}"

rules=()
if [ -n "${POLICIES:-}" ]; then
  pack=$(.venv/bin/python -c 'from importlib.resources import files; print(files("pulumi_parameter_store") / "policies")')
  python -m venv "${pack:?}/.venv" &&
    "$pack/.venv/bin/pip" install --quiet --require-hashes --requirement "$pack/requirements.txt" || exit 1
  rules=(--policy-pack "$pack")
fi

pulumi preview --diff --non-interactive --color never "${rules[@]}" 2>&1 | tee preview.txt
code=$?

# Pulumi interrupts the program when a preview fails, and Python prints where it was. That says nothing; other tracebacks do.
without_interrupts() {
  awk '
    /Traceback \(most recent call last\):$/ && !inside { held = ""; inside = 1; match($0, /Traceback/); depth = RSTART }
    inside {
      held = held $0 "\n"
      match($0, /[^ ]/)
      if (RSTART == 0 || RSTART > depth || /Traceback \(most/) next
      inside = 0
      if (/KeyboardInterrupt$/) cut = 1
      else printf "%s", held
      next
    }
    cut && /During handling of the above exception/ { next }
    { print }
    END { if (inside) printf "%s", held }
  ' preview.txt
}

# Errors and what rules say; where there are none, the reasons of this library: which keys, from which versions.
reasons() {
  if [ "$code" -ne 0 ]; then
    without_interrupts | awk '/^Policies:$/ { on = 1 } /^Resources:$/ { on = 0 } on || (/error: / && !told[$0]++)'
    return
  fi
  awk '
    /\[urn=/ { name = ""; if (/dynamic\/parameterstore:/) { name = $0; sub(/.*::/, "", name); sub(/\].*/, "", name) } }
    name && /^ *([-+~] )?(keys|changes|drift|takenOver) *: [{[]$/ {
      if (name != told) print name ":"
      told = name
      inside = 1
      match($0, /[a-zA-Z]/)
      depth = RSTART
    }
    inside { print }
    inside && /^ *([-+~] )?[]}]$/ { match($0, /[]}]/); if (RSTART <= depth) inside = 0 }
  ' preview.txt
}

# Both commands read names and policies, never a value.
compare() {
  pulumi preview --json --show-sames --non-interactive > planned.json &&
    .venv/bin/pulumi-parameter-store access --preview planned.json --format json > new.json &&
    .venv/bin/pulumi-parameter-store access --stack "$PULUMI_STACK" --format json > old.json &&
    .venv/bin/pulumi-parameter-store access --diff old.json new.json > access.md
}
if [ "$code" -ne 0 ]; then
  echo "Who may read what is not compared, as the preview failed." > access.md
elif ! compare; then
  echo "**Who may read what could not be compared: see the job's log.**" > access.md
  code=1
fi

# Standard input as a block, cut at $1 bytes.
block() {
  text=$(cat)
  echo '~~~~text'
  printf '%s\n' "$text" | head -c "$1" | iconv -c -f utf-8 -t utf-8
  [ "${#text}" -lt "$1" ] || printf '\n... (the rest is in the log of the job)\n'
  echo '~~~~'
}

# GitHub takes 65,536 characters.
{
  echo "<!-- preview of $PULUMI_STACK -->"
  echo "### Preview of \`$PULUMI_STACK\`$([ "$code" -eq 0 ] || echo ": failed")"
  why=$(reasons)
  [ -z "$why" ] || echo "$why" | block 15000
  if [ "$(wc -c < access.md)" -le 20000 ]; then
    cat access.md
  else
    echo "**More changes to who may read what than fit here: see access.md among the artifacts of the job.**"
  fi
  printf '\n<details><summary>The whole preview</summary>\n\n'
  without_interrupts | block 20000
  printf '\n</details>\n'
} > comment.md
exit "$code"
