#!/usr/bin/env bash
# Copy to ci/preview.sh. Previews the stack $PULUMI_STACK and writes comment.md for the pull request: the errors, else what
# would change and why, who may read what that could not before, and the whole preview folded. Ends as the preview ended.
# Nothing is decrypted. With POLICIES=1 the rules of docs/policies.md are asked as well, as the file $POLICY_CONFIG configures them.
set -uo pipefail
rm -f comment.md # of an earlier run
: "${PULUMI_STACK:?set it to the name of the stack}"
if [ ! -x .venv/bin/pulumi-parameter-store ]; then
  echo "There is no .venv/bin/pulumi-parameter-store here. Before this script run, in the folder of Pulumi.yaml:" >&2
  echo "python3 -m venv .venv && .venv/bin/pip install --requirement requirements.txt" >&2
  exit 1
fi

rules=()
if [ -n "${POLICIES:-}" ]; then
  pack=$(.venv/bin/python -c 'from importlib.resources import files; print(files("pulumi_parameter_store") / "policies")')
  python -m venv "${pack:?}/.venv" &&
    "$pack/.venv/bin/pip" install --quiet --require-hashes --requirement "$pack/requirements.txt" || exit 1
  rules=(--policy-pack "$pack" ${POLICY_CONFIG:+--policy-pack-config "$POLICY_CONFIG"})
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

# What rules of the level $1 found. With --diff Pulumi writes it between the resources, the explanation on the next line, and
# else in a block `Policies:`, the explanation further to the right.
found() {
  awk -v level="\\[$1\\]" '
    { depth = match($0, /[^ ]/) }
    more && (between || depth > item) { print "  " substr($0, depth); more = !between; next }
    { more = 0 }
    $0 ~ ("^ *(-|[^ ]+@v[^ ]+) " level) {
      between = !/^ *-/
      item = depth
      more = 1
      print substr($0, depth + (between ? 0 : 2))
    }
  ' preview.txt
}

# Lines that say that something failed, and not what, are left out where others, or the rules in $1, say what.
errors() {
  without_interrupts | awk -v clear="${1:+1}" '
    !/error: / || told[$0]++ { next }
    /error: (preview failed|an unhandled error occurred: program exited)/ { vague = vague $0 "\n"; next }
    { print; clear = 1 }
    END { if (!clear) printf "%s", vague }
  '
}

# The reasons of this library: which keys, from which versions, and of a resource for many namespaces in which of them.
changes() {
  awk '
    { at = match($0, /[^-+~ ]/) }
    /\[urn=/ { name = of = ""; if (/dynamic\/parameterstore:/) { name = $0; sub(/.*::/, "", name); sub(/\].*/, "", name) } }
    name && /^ *([-+~] +)?namespaces *: {$/ { of = name; outer = at }
    of && at == outer + 4 && /: {$/ { name = substr($0, at); sub(/ *: {$/, "", name); name = of ", namespace " name }
    of && at == outer && /}$/ { name = of; of = "" }
    name && /^ *([-+~] +)?(keys|changes|drift|takenOver) *: [{[]$/ {
      if (name != told) print name ":"
      told = name
      inside = 1
      depth = at
    }
    inside { print }
    inside && /^ *([-+~] +)?[]}]$/ && at <= depth { inside = 0 }
  ' preview.txt
}

reasons() {
  if [ "$code" -ne 0 ]; then
    refused=$(found mandatory)
    printf '%s' "${refused:+$refused$'\n'}"
    errors "$refused"
  else
    changes
  fi
  found advisory
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
