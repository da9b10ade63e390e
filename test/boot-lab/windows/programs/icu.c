/* The one function of ICU, which Windows carries and Wine does not, that the scripts call: a few zones are enough to try it. */
#include <windows.h>
#include <string.h>
#include <wchar.h>

static const wchar_t *ZONES[][2] = {
  { L"Europe/Berlin", L"W. Europe Standard Time" }, { L"America/New_York", L"Eastern Standard Time" }, { L"Asia/Tokyo", L"Tokyo Standard Time" },
};

__declspec(dllexport) int ucal_getWindowsTimeZoneID(const wchar_t *id, int length, wchar_t *result, int capacity, int *status) {
  for (size_t i = 0; i < sizeof ZONES / sizeof *ZONES; i++)
    if (wcslen(ZONES[i][0]) == (size_t)length && !wcsncmp(id, ZONES[i][0], length)) {
      wcsncpy(result, ZONES[i][1], capacity);
      return (int)wcslen(ZONES[i][1]);
    }
  return 0;
}
