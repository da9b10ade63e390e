/* taskkill /PID N [/T] [/F], which Wine's does without the tree. 128: there is no such process.
 * As `end.exe N CODE` it is the hand from outside that ends one process with an exit code of its choice. */
#include <windows.h>
#include <tlhelp32.h>
#include <stdio.h>
#include <wchar.h>

static int end(DWORD id, DWORD code) {
  HANDLE process = OpenProcess(PROCESS_TERMINATE, FALSE, id);
  if (!process) return 0;
  int done = TerminateProcess(process, code);
  CloseHandle(process);
  return done;
}

static void end_children(DWORD parent, DWORD code) {
  PROCESSENTRY32W entry = { sizeof entry };
  HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  for (BOOL more = Process32FirstW(all, &entry); more; more = Process32NextW(all, &entry))
    if (entry.th32ParentProcessID == parent && entry.th32ProcessID != parent) {
      end_children(entry.th32ProcessID, code);
      end(entry.th32ProcessID, code);
    }
  CloseHandle(all);
}

int wmain(int count, wchar_t **argv) {
  wchar_t self[MAX_PATH];
  DWORD id = 0, tree = 0;
  GetModuleFileNameW(NULL, self, MAX_PATH);
  if (!_wcsicmp(wcsrchr(self, L'\\'), L"\\end.exe")) return count == 3 && end(_wtoi(argv[1]), _wtoi(argv[2])) ? 0 : 128;
  for (int i = 1; i < count; i++) {
    if (!_wcsicmp(argv[i], L"/pid") && i + 1 < count) id = _wtoi(argv[++i]);
    else if (!_wcsicmp(argv[i], L"/t")) tree = 1;
    else if (_wcsicmp(argv[i], L"/f")) {
      printf("taskkill.exe: the stand-in does not know the argument %ls\n", argv[i]);
      return 1;
    }
  }
  if (tree) end_children(id, 1);
  if (end(id, 1)) return 0;
  printf("ERROR: The process \"%lu\" not found.\n", id);
  return 128;
}
