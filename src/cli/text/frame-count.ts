/** `1 frame`, `2 frames`. */
export function frameCount(count: number): string {
  return `${count} frame${count === 1 ? '' : 's'}`;
}
