// A sentence for people may be said otherwise and nothing breaks; codes, names and kinds have no space in them.

/** @typedef {{ type: string, value?: unknown, quasis?: { value: { raw: string } }[], expressions?: Node[], object?: Node, callee?: Node, arguments?: Node[] }} Node */

/** @param {string} text */
const isSentence = (text) => /\p{L}.* |^ .*\p{L}/su.test(text);

/** Nothing in it that could be broken by itself. @param {Node | undefined} node @returns {boolean} */
function isPlain(node) {
  switch (node?.type) {
    case 'Identifier':
    case 'NumericLiteral':
      return true;
    case 'MemberExpression':
      return isPlain(node.object);
    case 'CallExpression':
      return isPlain(node.callee) && (node.arguments ?? []).every(isPlain);
    default:
      return false;
  }
}

/** @param {{ node: unknown }} path as Babel gives it */
function shouldIgnore({ node: found }) {
  const node = /** @type {Node} */ (found);
  if (node.type === 'StringLiteral' && isSentence(String(node.value))) return 'words for people';
  if (node.type !== 'TemplateLiteral') return undefined;
  const text = (node.quasis ?? []).map(({ value }) => value.raw).join('x');
  return isSentence(text) && (node.expressions ?? []).every(isPlain) ? 'words for people' : undefined;
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'words for people', value: { shouldIgnore } }];
