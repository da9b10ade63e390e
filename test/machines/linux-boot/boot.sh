#!/bin/bash
# boot.sh FOLDER: one boot, as PID 1 of its own namespaces: user data when cloud-init would run it, else the unit that stage 0
# installed. Status 3 when the machine rebooted.
set -euo pipefail
folder="$1"
root="${folder}/root"
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=${folder}/upper,workdir=${folder}/work" "${root}"
mount -t proc proc "${root}/proc"
mount --rbind /dev "${root}/dev"
mount -t tmpfs -o mode=755 tmpfs "${root}/run"
mount -t tmpfs -o mode=1777 tmpfs "${root}/tmp"
cat /proc/sys/kernel/random/uuid >"${folder}/boot-id"
mount --bind "${folder}/boot-id" "${root}/proc/sys/kernel/random/boot_id"
if [[ -e ${folder}/mounts.sh ]]; then
  . "${folder}/mounts.sh"
fi
unit="${root}/etc/systemd/system/cluster-node.service"
wanted="${root}/etc/systemd/system/multi-user.target.wants/cluster-node.service"
if [[ ! -e ${folder}/user-data-ran ]]; then
  touch "${folder}/user-data-ran"
  command=(/var/lib/cloud/instance/scripts/part-001)
elif [[ -L ${wanted} ]]; then
  read -r -a command < <(sed -n 's/^ExecStart=//p' "${unit}")
  if ((${#command[@]} == 0)); then
    echo "the unit has nothing to execute"
    exit 9
  fi
else
  echo "nothing to start"
  exit 0
fi
status=0
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=/etc/test-ca.pem \
  PYTHONPATH=/usr/local/lib/test-python chroot "${root}" "${command[@]}" </dev/null || status=$?
# Process numbers of this namespace count what was started in this boot.
sh -c 'echo "$$"' >"${folder}/processes"
if [[ -e ${root}/run/rebooting ]]; then
  exit 3
fi
exit "${status}"
