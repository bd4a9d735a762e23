/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its hold of the blob by the next turn; a minute is ample on slow tablets.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "2026-11-20_10-15-00" in local time, for names of files. */
export function fileStamp(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}_${two(time.getHours())}-${two(time.getMinutes())}-${two(time.getSeconds())}`;
}
