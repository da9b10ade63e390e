/**
 * The items of all pages, which can be empty before the last one.
 *
 * @param service that gives them
 * @param page asks for the page of a token, the first one without
 * @internal
 */
export async function allPages<Item>(
  service: string,
  page: (token: string | undefined) => Promise<{ readonly items: Item[] | undefined; readonly token: string | undefined }>,
): Promise<Item[]> {
  const found: Item[] = [];
  let token: string | undefined;
  do {
    const { items, token: next } = await page(token);
    // The page that a proxy puts in the place of an answer can be read as one without a list: that is no empty list.
    if (items === undefined) throw new Error(`${service} gave an empty answer, or a proxy gave one in its place`);
    found.push(...items);
    token = next;
  } while (token !== undefined);
  return found;
}
