// The arrays of the page: base64 of deflated bytes in elements of their own, read when they are asked for.

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Whole numbers of a described array; signed, of as many bytes as it says, plane after plane.
export async function counts(described) {
  const text = document.getElementById(`array-${described.array}`).textContent;
  const bytes = await inflated(bytesOf(text.trim()));
  const n = described.shape.reduce((product, size) => product * size, 1);
  const width = described.shape.length > 1 ? described.shape[1] : 1;
  const values = described.bytes <= 2 && !described.delta ? new Int16Array(n) : new Int32Array(n);
  const shift = 32 - 8 * described.bytes;
  for (let i = 0; i < n; i++) {
    let value = 0;
    for (let plane = 0; plane < described.bytes; plane++) value |= bytes[plane * n + i] << (8 * plane);
    values[i] = (value << shift) >> shift;
  }
  if (described.delta) for (let i = width; i < n; i++) values[i] += values[i - width];
  return values;
}

export async function numbers(described) {
  const whole = await counts(described);
  const values = new Float64Array(whole.length);
  for (let i = 0; i < whole.length; i++) values[i] = whole[i] * described.resolution;
  return values;
}
