// A base map as an office would bring it: vector tiles in one PMTiles archive (version 3). The tiles are cut and written by the
// map library's own tools; the archive around them by what its specification says. Must not know browsers.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { GeoJSONVT } from "@maplibre/geojson-vt";
import { fromGeojsonVt } from "@maplibre/vt-pbf";

const HEADER = 127;
const GZIP = 2;
const MVT = 1;

/** A river and two streets around a place, as layers of their own. */
function landscape(lon: number, lat: number): Record<string, GeoJSON.Feature[]> {
  const at = (x: number, y: number) => [lon + x, lat + y];
  const feature = (geometry: GeoJSON.Geometry): GeoJSON.Feature => ({ type: "Feature", properties: {}, geometry });
  const river = [[at(-0.05, 0.004), at(0.05, 0.008), at(0.05, 0.014), at(-0.05, 0.01), at(-0.05, 0.004)]];
  const streets = [[at(-0.05, -0.006), at(0.05, -0.002)], [at(0.003, -0.05), at(-0.003, 0.05)]];
  return {
    water: [feature({ type: "Polygon", coordinates: river })],
    roads: streets.map((line) => feature({ type: "LineString", coordinates: line })),
  };
}

/** The place of a tile on the Hilbert curve through all tiles of all zooms. */
function tileId(z: number, x: number, y: number): number {
  let id = (4 ** z - 1) / 3;
  for (let side = 2 ** (z - 1); side >= 1; side /= 2) {
    const [right, low] = [x & side ? 1 : 0, y & side ? 1 : 0];
    id += side * side * ((3 * right) ^ low);
    [x, y] = [x & (side - 1), y & (side - 1)];
    if (low === 0) [x, y] = right ? [side - 1 - y, side - 1 - x] : [y, x];
  }
  return id;
}

function varint(bytes: number[], value: number): void {
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  bytes.push(value);
}

interface Tile {
  id: number;
  data: Buffer;
}

/** All tiles of some zooms that have anything in them, in the order of their ids. */
function cut(layers: Record<string, GeoJSON.Feature[]>, maxZoom: number, [lon, lat]: [number, number]): Tile[] {
  const indexes = Object.entries(layers).map(([name, features]) => {
    return [name, new GeoJSONVT({ type: "FeatureCollection", features }, { maxZoom, indexMaxZoom: 0 })] as const;
  });
  const tiles: Tile[] = [];
  for (let z = 0; z <= maxZoom; z += 1) {
    const column = Math.floor(((lon + 180) / 360) * 2 ** z);
    const mercator = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
    const line = Math.floor((0.5 - mercator / (2 * Math.PI)) * 2 ** z);
    for (let x = Math.max(0, column - 4); x <= Math.min(2 ** z - 1, column + 4); x += 1) {
      for (let y = Math.max(0, line - 4); y <= Math.min(2 ** z - 1, line + 4); y += 1) {
        const found = indexes.flatMap(([name, index]) => {
          const tile = index.getTile(z, x, y);
          return tile ? [[name, tile] as const] : [];
        });
        if (found.length === 0) continue;
        const data = fromGeojsonVt(Object.fromEntries(found), { version: 2, extent: 4096 });
        tiles.push({ id: tileId(z, x, y), data: gzipSync(data) });
      }
    }
  }
  return tiles.sort((a, b) => a.id - b.id);
}

function directory(tiles: Tile[]): Buffer {
  const bytes: number[] = [];
  varint(bytes, tiles.length);
  tiles.forEach(({ id }, at) => varint(bytes, id - (at === 0 ? 0 : tiles[at - 1].id)));
  tiles.forEach(() => varint(bytes, 1));
  tiles.forEach(({ data }) => varint(bytes, data.length));
  // Each begins where the one before ends.
  tiles.forEach((_, at) => varint(bytes, at === 0 ? 1 : 0));
  return gzipSync(Buffer.from(bytes));
}

function archive(tiles: Tile[], layers: string[], maxZoom: number, [lon, lat]: [number, number]): Buffer {
  const root = directory(tiles);
  const described = { name: "street", vector_layers: layers.map((id) => ({ id, fields: {}, minzoom: 0, maxzoom: maxZoom })) };
  const metadata = gzipSync(JSON.stringify(described));
  const data = Buffer.concat(tiles.map((tile) => tile.data));
  const header = Buffer.alloc(HEADER);
  header.write("PMTiles");
  header.writeUInt8(3, 7);
  const [rootEnd, metadataEnd] = [HEADER + root.length, HEADER + root.length + metadata.length];
  const places = [HEADER, root.length, rootEnd, metadata.length, metadataEnd, 0, metadataEnd, data.length];
  const counts = [tiles.length, tiles.length, tiles.length];
  [...places, ...counts].forEach((value, at) => header.writeBigUInt64LE(BigInt(value), 8 + at * 8));
  [1, GZIP, GZIP, MVT, 0, maxZoom].forEach((value, at) => header.writeUInt8(value, 96 + at));
  const degrees = [lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05];
  degrees.forEach((value, at) => header.writeInt32LE(Math.round(value * 1e7), 102 + at * 4));
  header.writeUInt8(12, 118);
  [lon, lat].forEach((value, at) => header.writeInt32LE(Math.round(value * 1e7), 119 + at * 4));
  return Buffer.concat([header, root, metadata, data]);
}

/** An archive of the country around a place, in a folder. */
export async function baseMap(folder: string, place: [number, number], maxZoom = 14): Promise<string> {
  const layers = landscape(...place);
  const path = join(folder, "street.pmtiles");
  await writeFile(path, archive(cut(layers, maxZoom, place), Object.keys(layers), maxZoom, place));
  return path;
}
