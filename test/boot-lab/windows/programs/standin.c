/* A stand-in for a Windows program: a copy of it under the program's name. It notes its command line in C:\lab\calls.log,
 * takes the next line of C:\lab\faults\NAME away and does what that says, and refuses every argument that no pattern (*, ?) in
 * C:\lab\programs\NAME.args covers, with exit code 87 (ERROR_INVALID_PARAMETER). Then it runs C:\lab\programs\NAME.cmd with its
 * arguments, if there is one, else prints C:\lab\programs\NAME.out, and ends with that script's code, or with 0.
 * A fault is an exit code, `hang` (until it is ended), or `after CODE` (the script runs first). A line that begins with * stays. */
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>
#include <wchar.h>

static wchar_t name[MAX_PATH];

static const wchar_t *path_of(const wchar_t *folder, const wchar_t *suffix) {
  static wchar_t paths[4][MAX_PATH * 2];
  static int next;
  wchar_t *path = paths[next++ % 4];
  swprintf(path, MAX_PATH * 2, L"C:\\lab\\%ls\\%ls%ls", folder, name, suffix);
  return path;
}

static int exists(const wchar_t *path) { return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES; }

static int covers(const wchar_t *pattern, const wchar_t *text) {
  if (!*pattern) return !*text;
  if (*pattern == L'*') return covers(pattern + 1, text) || (*text && covers(pattern, text + 1));
  return *text && (*pattern == L'?' || towlower(*pattern) == towlower(*text)) && covers(pattern + 1, text + 1);
}

/* The first argument that no pattern covers, or NULL. */
static const wchar_t *unknown_argument(int count, wchar_t **arguments) {
  static wchar_t patterns[64][512];
  int known = 0;
  FILE *file = _wfopen(path_of(L"programs", L".args"), L"r");
  while (file && known < 64 && fgetws(patterns[known], 512, file)) patterns[known][wcscspn(patterns[known], L"\r\n")] = 0, known++;
  if (file) fclose(file);
  for (int i = 1; i < count; i++) {
    int found = 0;
    for (int j = 0; j < known; j++) found |= covers(patterns[j], arguments[i]);
    if (!found) return arguments[i];
  }
  return NULL;
}

/* One line, whole, whoever else writes at the same time. */
static void note(const wchar_t *arguments) {
  static char line[100000];
  int length = WideCharToMultiByte(CP_UTF8, 0, name, -1, line, 1000, NULL, NULL) - 1;
  length += sprintf(line + length, ".exe ");
  length += WideCharToMultiByte(CP_UTF8, 0, arguments, -1, line + length, sizeof line - 2000, NULL, NULL) - 1;
  line[length++] = '\n';
  DWORD done;
  HANDLE log = CreateFileW(L"C:\\lab\\calls.log", FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
  if (log == INVALID_HANDLE_VALUE) return;
  WriteFile(log, line, length, &done, NULL);
  CloseHandle(log);
}

/* Takes the first line of the file of faults, unless it stays. Returns whether there was one. */
static int next_fault(char *fault, int size) {
  static char rest[10000];
  const wchar_t *path = path_of(L"faults", L"");
  FILE *file = _wfopen(path, L"rb");
  if (!file) return 0;
  int found = fgets(fault, size, file) != NULL;
  size_t length = fread(rest, 1, sizeof rest, file);
  fclose(file);
  if (found && fault[0] == '*') memmove(fault, fault + 1, strlen(fault));
  else if ((file = _wfopen(path, L"wb"))) fwrite(rest, 1, length, file), fclose(file);
  return found;
}

static int run_script(const wchar_t *script, const wchar_t *arguments) {
  static wchar_t command[32768];
  STARTUPINFOW startup = { sizeof startup };
  PROCESS_INFORMATION process;
  DWORD code = 1;
  swprintf(command, 32768, L"cmd.exe /d /s /c \"\"%ls\" %ls\"", script, arguments);
  if (!CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) return 1;
  WaitForSingleObject(process.hProcess, INFINITE);
  GetExitCodeProcess(process.hProcess, &code);
  return (int)code;
}

static int act(const wchar_t *arguments) {
  if (exists(path_of(L"programs", L".cmd"))) return run_script(path_of(L"programs", L".cmd"), arguments);
  FILE *file = _wfopen(path_of(L"programs", L".out"), L"rb");
  for (int c; file && (c = fgetc(file)) != EOF;) putchar(c);
  if (file) fclose(file);
  return 0;
}

int wmain(int count, wchar_t **argv) {
  wchar_t self[MAX_PATH];
  GetModuleFileNameW(NULL, self, MAX_PATH);
  wcscpy(name, wcsrchr(self, L'\\') + 1);
  *wcsrchr(name, L'.') = 0;
  wchar_t *arguments = GetCommandLineW();
  if (*arguments == L'"') arguments = wcschr(arguments + 1, L'"') + 1;
  else arguments += wcscspn(arguments, L" ");
  arguments += wcsspn(arguments, L" ");
  note(arguments);

  const wchar_t *unknown = unknown_argument(count, argv);
  if (unknown) {
    printf("%ls.exe: the stand-in does not know the argument %ls\n", name, unknown);
    return ERROR_INVALID_PARAMETER;
  }
  char fault[100];
  if (!next_fault(fault, sizeof fault)) return act(arguments);
  if (!strncmp(fault, "hang", 4)) Sleep(INFINITE);
  if (!strncmp(fault, "after ", 6)) return act(arguments), atoi(fault + 6);
  return atoi(fault) == 0 ? act(arguments) : atoi(fault);
}
