/* Private data of the Local Security Authority, which Wine does not keep: one file each in C:\lab\lsa, in UTF-16.
 * Signatures as in ntsecapi.h. */
#include <windows.h>
#include <stdio.h>

typedef struct {
  USHORT length, size;
  wchar_t *text;
} UNICODE_TEXT;

static const wchar_t *file_of(const UNICODE_TEXT *name) {
  static wchar_t path[MAX_PATH];
  swprintf(path, MAX_PATH, L"C:\\lab\\lsa\\%.*ls", name->length / 2, name->text);
  return path;
}

__declspec(dllexport) LONG WINAPI LsaOpenPolicy(void *system, void *attributes, DWORD access, void **handle) {
  *handle = (void *)1;
  return 0;
}

__declspec(dllexport) LONG WINAPI LsaStorePrivateData(void *policy, const UNICODE_TEXT *name, const UNICODE_TEXT *value) {
  if (!value) return _wremove(file_of(name)) ? 0xC0000034 : 0;
  FILE *file = _wfopen(file_of(name), L"wb");
  if (!file) return 0xC0000022;
  fwrite(value->text, 1, value->length, file);
  fclose(file);
  return 0;
}

__declspec(dllexport) LONG WINAPI LsaRetrievePrivateData(void *policy, const UNICODE_TEXT *name, UNICODE_TEXT **value) {
  FILE *file = _wfopen(file_of(name), L"rb");
  if (!file) return 0xC0000034;
  UNICODE_TEXT *found = LocalAlloc(LPTR, sizeof *found + 4096);
  found->text = (wchar_t *)(found + 1);
  found->length = found->size = (USHORT)fread(found->text, 1, 4096, file);
  fclose(file);
  *value = found;
  return 0;
}

__declspec(dllexport) ULONG WINAPI LsaNtStatusToWinError(LONG status) { return status == 0xC0000034 ? ERROR_FILE_NOT_FOUND : ERROR_ACCESS_DENIED; }
__declspec(dllexport) LONG WINAPI LsaClose(void *handle) { return 0; }
__declspec(dllexport) LONG WINAPI LsaFreeMemory(void *memory) { return LocalFree(memory) ? 0xC0000008 : 0; }
