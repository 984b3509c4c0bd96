/** Ends the question of a hook, and the head of its answer. */
export const questionEnd = ".";

/** The first line of an answer. */
export const answerWords = { accepted: "accepted", refused: "refused" } as const;

/**
 * Git's pre-receive hook: asks the daemon on descriptor 3, which git hands down from the daemon itself, and prints its lines; git shows each as
 * `remote: …`. Only words of the shell's own: a push starts this shell and nothing more for it. @see githooks(5)
 */
export const hookScript = `#!/bin/sh
if ! true 2>/dev/null >&3; then
  echo "Capstan is not running; nothing was taken. Start it and push again." >&2
  exit 1
fi
{
  printf '%s\\n' "GIT_QUARANTINE_PATH=$GIT_QUARANTINE_PATH" "GIT_OBJECT_DIRECTORY=$GIT_OBJECT_DIRECTORY" "GIT_ALTERNATE_OBJECT_DIRECTORIES=$GIT_ALTERNATE_OBJECT_DIRECTORIES"
  while IFS= read -r update; do printf '%s\\n' "$update"; done
  echo ${questionEnd}
} >&3
IFS= read -r verdict <&3
while IFS= read -r line <&3; do printf '%s\\n' "$line" >&2; done
case "$verdict" in
  ${answerWords.accepted}) exit 0 ;;
  ${answerWords.refused}) exit 1 ;;
esac
echo "Capstan stopped in the middle of the push; nothing was taken. Push again." >&2
exit 1
`;
