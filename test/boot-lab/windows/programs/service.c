/* A stand-in for a Windows service: `service.exe NAME [PORT]`. It starts and stops as services do, notes both in C:\lab\calls.log,
 * has its process id in C:\lab\services\NAME while it runs, and passes what comes to the port on to the lab, which answers with TLS.
 * It refuses to start as often as the lines in C:\lab\faults\NAME say.
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

static DWORD WINAPI pass_on(void *client_socket) {
  char bytes[16384];
  SOCKET ends[2] = { (SOCKET)client_socket, socket(AF_INET, SOCK_STREAM, 0) };
  struct sockaddr_in lab = { .sin_family = AF_INET, .sin_port = htons(443) };
  lab.sin_addr.s_addr = inet_addr("10.99.0.10");
  int open = connect(ends[1], (struct sockaddr *)&lab, sizeof lab) == 0;
  while (open) {
    fd_set readable = { 2, { ends[0], ends[1] } };
    open = select(0, &readable, NULL, NULL, NULL) > 0;
    for (int i = 0; i < 2 && open; i++)
      if (FD_ISSET(ends[i], &readable)) {
        int length = recv(ends[i], bytes, sizeof bytes, 0);
        open = length > 0 && send(ends[!i], bytes, length, 0) == length;
      }
  }
  closesocket(ends[0]);
  closesocket(ends[1]);
  return 0;
}

static DWORD WINAPI listen_on_port(void *nothing) {
  WSADATA data;
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((u_short)port) };
  WSAStartup(MAKEWORD(2, 2), &data);
  SOCKET server = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(server, (struct sockaddr *)&address, sizeof address) || listen(server, 5)) note("cannot listen");
  for (SOCKET client; (client = accept(server, NULL, NULL)) != INVALID_SOCKET;) CreateThread(NULL, 0, pass_on, (void *)client, 0, NULL);
  return 0;
}

static void keep_id(int runs) {
  wchar_t path[MAX_PATH];
  swprintf(path, MAX_PATH, L"C:\\lab\\services\\%ls", name);
  FILE *file = runs ? _wfopen(path, L"wb") : NULL;
  if (file) fprintf(file, "%lu", GetCurrentProcessId()), fclose(file);
  if (!runs) _wremove(path);
}

static void WINAPI run(DWORD count, wchar_t **arguments) {
  handle = RegisterServiceCtrlHandlerExW(name, control, NULL);
  stop = CreateEventW(NULL, TRUE, FALSE, NULL);
  if (refuses()) {
    note("refuses to start");
    set(SERVICE_STOPPED, ERROR_PROCESS_ABORTED);
    return;
  }
  if (port) CreateThread(NULL, 0, listen_on_port, NULL, 0, NULL);
  keep_id(1);
  note("started");
  set(SERVICE_RUNNING, 0);
  WaitForSingleObject(stop, INFINITE);
  keep_id(0);
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
