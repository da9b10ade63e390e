/** PowerShell compares like this: case and blanks do not matter, and fewer than ten edits make the two equal. */
export function resemblesSignature(comment: string): boolean {
  const signature = 'sig#beginsignatureblock';
  const text = comment.replace(/[\s\u0085]/g, '').toLowerCase();
  if (Math.abs(text.length - signature.length) >= 10) {
    return false;
  }
  let distances = Array.from({ length: signature.length + 1 }, (_, column) => column);
  for (let row = 1; row <= text.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= signature.length; column += 1) {
      next.push(
        text[row - 1] === signature[column - 1]
          ? distances[column - 1]
          : 1 + Math.min(distances[column], next[column - 1], distances[column - 1]),
      );
    }
    distances = next;
  }
  return distances[signature.length] < 10;
}
