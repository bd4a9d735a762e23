/** What stands for a byte of a secret, wherever bytes are shown or saved. */
export const HIDDEN = '••';
