#!/bin/bash
# Takes a configuration beside others and with -s starts the agent. A configuration may have what the library writes of the agent's schema
# (translator/config/schema.json of aws/amazon-cloudwatch-agent), and nothing else.
main() {
  local folder=/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d option action='' mode='' starts=false configuration=''
  while getopts a:m:c:s option; do
    case $option in
      a) action=$OPTARG ;;
      m) mode=$OPTARG ;;
      c) configuration=${OPTARG#file:} ;;
      s) starts=true ;;
      *) exit 1 ;;
    esac
  done
  if [[ $action != append-config || $mode != ec2 || ! -f $configuration ]]; then
    echo "expected append-config, ec2 and a file, got: $*" >&2
    exit 1
  fi
  python3 -c '
import json, sys

ENTRY = dict.fromkeys(["file_path", "log_group_name", "log_stream_name", "timezone", "publish_multi_logs"])
GPU = dict.fromkeys(["measurement", "metrics_collection_interval"])
SCHEMA = {
    "logs": {"logs_collected": {"files": {"collect_list": [ENTRY]}}},
    "metrics": {"namespace": None, "append_dimensions": {"InstanceId": None}, "metrics_collected": {"nvidia_gpu": GPU}},
}

def check(value, schema, place):
    if isinstance(schema, list):
        if not isinstance(value, list) or not value:
            sys.exit("%s: expected a list" % place)
        for item in value:
            check(item, schema[0], place)
    elif isinstance(schema, dict):
        if not isinstance(value, dict) or not value:
            sys.exit("%s: expected an object" % place)
        for key in value:
            if key not in schema:
                sys.exit("%s: additional property %s is not allowed" % (place, key))
            check(value[key], schema[key], "%s/%s" % (place, key))

with open(sys.argv[1], encoding="utf-8") as file:
    check(json.load(file), SCHEMA, "")
' "$configuration" || exit 1
  mkdir -p "$folder"
  cp "$configuration" "$folder/file_${configuration##*/}"
  if [[ $starts == true ]]; then
    systemctl --quiet enable amazon-cloudwatch-agent.service
    systemctl restart amazon-cloudwatch-agent.service
  fi
}

main "$@"
