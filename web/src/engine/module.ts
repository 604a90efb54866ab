/** What Emscripten's module offers (wasm/README.md). Strings go in through malloc, come out valid until the next call. */
export interface EngineModule {
  HEAPU8: Uint8Array;
  UTF8ToString(pointer: number): string;
  stringToUTF8(text: string, pointer: number, size: number): void;
  lengthBytesUTF8(text: string): number;
  _malloc(size: number): number;
  _free(pointer: number): void;
  _glassformer_version(): number;
  _glassformer_catalog(): number;
  _glassformer_start(request: number): number;
  _glassformer_advance(handle: number, budgetMs: number): number;
  _glassformer_frame(handle: number): number;
  _glassformer_buffer(): number;
  _glassformer_buffer_size(): number;
  _glassformer_drop(handle: number): number;
  _glassformer_evaluate(handle: number, request: number): number;
  _glassformer_check_start(request: number): number;
  _glassformer_asset(name: number, bytes: number, size: number): number;
}
