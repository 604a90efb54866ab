const folder = '../../../lessons/checkpoints/';
const urls = import.meta.glob<string>('../../../lessons/checkpoints/*.safetensors', {
  query: '?url',
  import: 'default',
});

/** The bytes of a trained model, fetched when an experiment first asks for it. The single file carries them inside. */
export async function fetchAsset(name: string, again: boolean): Promise<ArrayBuffer> {
  const find = urls[folder + name];
  if (!find) throw new Error(name);
  const url = await find();
  if (url.startsWith('data:')) {
    const text = atob(url.slice(url.indexOf(',') + 1));
    return Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer;
  }
  const response = await fetch(url, again ? { cache: 'reload' } : {});
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}
