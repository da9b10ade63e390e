#!/bin/bash
# package-repositories.sh BASE STAGING OUT DCV_VERSION...
# Makes repositories and archives of what package-repositories.ts has laid out in STAGING. Runs in a mount namespace of its
# own, so that nothing stays mounted, however this ends.
set -euo pipefail

# in_tree ROOT COMMAND...: without the environment of this host, which may name folders that the tree does not have.
in_tree() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$@"
}

build_rpm() {
  local root=$1 staging=$2 name=$3
  in_tree "$root" rpmbuild -bb --quiet --define "_topdir /staging/$name/build" --define "_rpmdir /staging/$name/out" \
    --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' --define '__os_install_post %{nil}' --define '_binaries_in_noarch_packages_terminate_build 0' --define '_build_id_links none' \
    --target "$4" "/staging/$name/packages.spec" >"$staging/$name.log" 2>&1 || {
    cat "$staging/$name.log" >&2
    return 1
  }
}

build_debs() {
  local folder=$1 out=$2 suffix=$3 tree version
  mkdir -p "$out"
  for tree in "$folder"/*/; do
    version=$(sed -n 's/^Version: //p' "$tree/DEBIAN/control")
    dpkg-deb --build --root-owner-group -Znone "$tree" "$out/$(basename "$tree")_${version#*:}_$suffix.deb" >/dev/null
  done
}

# A repository of one suite and one component, with checksums, as apt expects it.
index_debs() {
  local repository=$1 index="$1/dists/noble/main/binary-amd64" file
  mkdir -p "$index"
  for file in "$repository"/pool/*.deb; do
    dpkg-deb --field "$file"
    printf 'Filename: pool/%s\nSize: %s\nSHA256: %s\n\n' "$(basename "$file")" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
  done >"$index/Packages"
  {
    printf 'Suite: noble\nCodename: noble\nComponents: main\nArchitectures: amd64\nDate: %s\nSHA256:\n' "$(LC_ALL=C date -Ru)"
    printf ' %s %s main/binary-amd64/Packages\n' "$(sha256sum <"$index/Packages" | cut -d ' ' -f 1)" "$(stat -c %s "$index/Packages")"
  } >"$repository/dists/noble/Release"
}

main() {
  local base=$1 staging=$2 out=$3 version
  local overlay="$staging/overlay" root="$staging/root"
  mkdir -p "$overlay/layer" "$overlay/work" "$root"
  mount -t overlay overlay -o "lowerdir=$base,upperdir=$overlay/layer,workdir=$overlay/work" "$root"
  mkdir -p "$root/staging"
  mount --bind "$staging" "$root/staging"

  build_rpm "$root" "$staging" rpm noarch
  in_tree "$root" createrepo_c --quiet --groupfile /staging/rpm/comps.xml /staging/rpm/out
  cp -R "$staging/rpm/out" "$out/packages/rpm"

  build_debs "$staging/deb" "$out/packages/deb/pool" all
  index_debs "$out/packages/deb"

  in_tree "$root" bash -c 'cd /staging/aws-cli && zip -q -r aws.zip aws'
  cp "$staging/aws-cli/aws.zip" "$out/downloads/$AWS_CLI"

  for version in "${@:4}"; do
    build_rpm "$root" "$staging" "dcv-rpm-$version" x86_64
    archive "$staging/dcv-rpm-$version/out" "nice-dcv-$version-amzn2023-x86_64"
    build_debs "$staging/dcv-deb-$version" "$staging/dcv-deb-out-$version" amd64.ubuntu2404
    archive "$staging/dcv-deb-out-$version" "nice-dcv-$version-ubuntu2404-x86_64"
  done
}

# The vendor's archives hold one folder of the archive's name.
archive() {
  local packages=$1 name=$2 downloads
  downloads=("$out"/downloads/*/lab)
  mkdir -p "$staging/archive/$name"
  cp "$packages"/*.* "$staging/archive/$name/"
  tar -C "$staging/archive" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -czf "${downloads[0]}/$name.tgz" "$name"
}

main "$@"
