/** What a hexadecimal digit is worth. @param code of `0` to `9` or `a` to `f` */
export function digitOf(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
