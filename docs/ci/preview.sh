#!/usr/bin/env bash
# Copy to ci/preview.sh. Previews the stack $PULUMI_STACK and writes comment.md for the pull request: what would change and
# why, and who may read what that could not before. Ends as the preview ended. Nothing is decrypted.
set -uo pipefail

pulumi preview --diff --non-interactive --color never 2>&1 | tee preview.txt
code=$?

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

# GitHub takes 65,536 characters.
{
  echo "<!-- preview of $PULUMI_STACK -->"
  echo "### Preview of \`$PULUMI_STACK\`$([ "$code" -eq 0 ] || echo ": failed")"
  echo '~~~~text'
  head -c 30000 preview.txt | iconv -c -f utf-8 -t utf-8
  [ "$(wc -c < preview.txt)" -le 30000 ] || printf '\n... (the rest is in the log of the job)\n'
  echo '~~~~'
  if [ "$(wc -c < access.md)" -le 30000 ]; then
    cat access.md
  else
    echo "**More changes to who may read what than fit here: see access.md among the artifacts of the job.**"
  fi
} > comment.md
exit "$code"
