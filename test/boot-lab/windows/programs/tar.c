/* tar -xf ARCHIVE -C FOLDER, for the plain files and folders that a bundle has. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void make_folders(wchar_t *path) {
  for (wchar_t *at = path + 3; (at = wcschr(at, L'\\')); at++) {
    *at = 0;
    CreateDirectoryW(path, NULL);
    *at = L'\\';
  }
}

int wmain(int count, wchar_t **argv) {
  static unsigned char block[512], empty[512];
  char name[300];
  wchar_t path[1024], part[300];
  if (count != 5 || wcscmp(argv[1], L"-xf") || wcscmp(argv[3], L"-C")) {
    fputs("tar.exe: the stand-in knows -xf ARCHIVE -C FOLDER\n", stderr);
    return 1;
  }
  FILE *archive = _wfopen(argv[2], L"rb");
  if (!archive) {
    fwprintf(stderr, L"tar: Error opening archive: Failed to open '%ls'\n", argv[2]);
    return 1;
  }
  while (fread(block, 1, 512, archive) == 512 && memcmp(block, empty, 512)) {
    snprintf(name, sizeof name, "%.155s%s%.100s", block + 345, block[345] ? "/" : "", block);
    long size = strtol((char *)block + 124, NULL, 8);
    MultiByteToWideChar(CP_UTF8, 0, name, -1, part, 300);
    swprintf(path, 1024, L"%ls\\%ls", argv[4], part);
    for (wchar_t *at = path; *at; at++) if (*at == L'/') *at = L'\\';
    make_folders(path);
    if (block[156] == '5') continue;
    FILE *file = _wfopen(path, L"wb");
    if (!file || (block[156] != '0' && block[156])) {
      fprintf(stderr, "tar: %s: Can't create\n", name);
      return 1;
    }
    for (long left = size; left > 0; left -= 512) {
      if (fread(block, 1, 512, archive) != 512 || fwrite(block, 1, left < 512 ? left : 512, file) == 0) {
        fprintf(stderr, "tar: %s: Truncated input file, or no room\n", name);
        return 1;
      }
    }
    if (fclose(file)) return 1;
  }
  return 0;
}
