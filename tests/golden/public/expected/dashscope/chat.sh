#!/bin/sh
# Made by `dashlink render`; made anew, changes are lost.
# One chat completion with curl, by the private endpoint ep-2ze1 of stack dev.
# Reads DASHSCOPE_API_KEY. The key goes to curl by its standard input: it stands in no argument list.
# Use: sh chat.sh ["question"]
set -eu
: "${DASHSCOPE_API_KEY:?set it to your Model Studio key}"
model="${DASHSCOPE_MODEL:-qwen-plus}"
question=$(printf '%s' "${1:-Say hello in one sentence.}" | sed 's/\\/\\\\/g; s/"/\\"/g')
printf 'Authorization: Bearer %s\n' "$DASHSCOPE_API_KEY" |
  curl --fail-with-body --silent --show-error --no-buffer --header @- \
    --header 'Content-Type: application/json' \
    --data "{\"model\": \"$model\", \"messages\": [{\"role\": \"user\", \"content\": \"$question\"}]}" \
    'https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1/chat/completions'
echo
