/* A stand-in for a Windows service: `service.exe NAME [PORT]`. It starts and stops as services do, notes both in
 * C:\lab\calls.log, has the number of its process in C:\lab\services\NAME, and listens on the port while it runs. It refuses to start as often as the lines in C:\lab\faults\NAME say.
 * Without a name it is a plain process that stays: Wine ends its services with the last program. */
#include <winsock2.h>
#include <windows.h>
#include <stdio.h>

static SERVICE_STATUS_HANDLE handle;
static HANDLE stop;
static wchar_t name[64];
static int port;
static SERVICE_STATUS status = { SERVICE_WIN32_OWN_PROCESS, SERVICE_START_PENDING, SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN };

static void note(const char *what) {
  FILE *file = _wfopen(L"C:\\lab\\calls.log", L"ab");
  if (file) fprintf(file, "service %ls %s\n", name, what), fclose(file);
}

static void note_process(void) {
  wchar_t path[MAX_PATH];
  swprintf(path, MAX_PATH, L"C:\\lab\\services\\%ls", name);
  FILE *file = _wfopen(path, L"wb");
  if (file) fprintf(file, "%lu", GetCurrentProcessId()), fclose(file);
}

static int refuses(void) {
  static char lines[10000];
  wchar_t path[MAX_PATH];
  swprintf(path, MAX_PATH, L"C:\\lab\\faults\\%ls", name);
  FILE *file = _wfopen(path, L"rb");
  if (!file) return 0;
  size_t length = fread(lines, 1, sizeof lines - 1, file);
  fclose(file);
  char *rest = strchr(lines, '\n');
  if (!rest) return 0;
  if (lines[0] != '*' && (file = _wfopen(path, L"wb"))) fwrite(rest + 1, 1, length - (rest + 1 - lines), file), fclose(file);
  return 1;
}

static void set(DWORD state, DWORD code) {
  status.dwCurrentState = state;
  status.dwWin32ExitCode = code;
  SetServiceStatus(handle, &status);
}

static DWORD WINAPI control(DWORD code, DWORD type, void *data, void *context) {
  if (code == SERVICE_CONTROL_STOP || code == SERVICE_CONTROL_SHUTDOWN) set(SERVICE_STOP_PENDING, 0), SetEvent(stop);
  return 0;
}

static void listen_on_port(void) {
  WSADATA data;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((u_short)port) };
  WSAStartup(MAKEWORD(2, 2), &data);
  SOCKET server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 5)) note("cannot listen");
}

static void WINAPI run(DWORD count, wchar_t **arguments) {
  handle = RegisterServiceCtrlHandlerExW(name, control, NULL);
  stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (refuses()) {
    note("refuses to start");
    set(SERVICE_STOPPED, ERROR_PROCESS_ABORTED);
    return;
  }
  if (port) listen_on_port();
  note_process();
  note("started");
  set(SERVICE_RUNNING, 0);
  WaitForSingleObject(stop, INFINITE);
  note("stopped");
  set(SERVICE_STOPPED, 0);
}

int wmain(int count, wchar_t **argv) {
  if (count < 2) Sleep(INFINITE);
  wcsncpy(name, argv[1], 63);
  if (count > 2) port = _wtoi(argv[2]);
  SERVICE_TABLE_ENTRYW table[] = { { name, run }, { NULL, NULL } };
  return StartServiceCtrlDispatcherW(table) ? 0 : 1;
}
