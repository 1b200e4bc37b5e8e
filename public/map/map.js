// The map: an element `<xiaohao-map>` over MapLibre GL JS. Fetched when a map is first looked at. Must not know the app, nor where
// bytes come from: whoever makes the element gives it what is drawn, the words, and a function that reads the base map.
//
//   begin({ words, style?, tiles?, plain? })   makes the map; throws where the browser cannot. `plain` is GeoJSON in text
//   draw({ zones, issues, bounds? })   GeoJSON in text; `bounds` (west, south, east, north) where the view shall move there
//   event "chosen"                     `detail` is the ids of the issues under the finger, with commas between
//   event "broken"                     the browser took the picture away and does not give it back
import { AttributionControl, Map, NavigationControl, ScaleControl, addProtocol, removeProtocol, setWorkerUrl } from "{{map/vendor/maplibre-gl.mjs}}";

setWorkerUrl("{{map/vendor/maplibre-gl-worker.mjs}}");

const EMPTY = { type: "FeatureCollection", features: [] };
/** Beyond this zoom every issue stands for itself; those at one spot are then chosen together. */
const CLUSTERS_TO = 17;
/** A thumb is not a needle: pixels around it that count. */
const REACH = 9;
/** A gap between two frames of a moving map, in milliseconds, from which on it is seen to stutter; and how many of them prove it. */
const STUTTER = 40;
const PROOF = 4;
/** Fonts of the system: the office's network may have none to give. */
const FONT = ["Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"];

/** Whether a map was seen to stutter here. */
let slow = false;

class MapElement extends HTMLElement {
  async begin({ words, style, tiles, plain }) {
    if (!document.createElement("canvas").getContext("webgl2")) throw new Error("no WebGL 2");
    await styleSheet("{{map/vendor/maplibre-gl.css}}");
    const ground = tiles ? await officeGround(tiles, style && JSON.parse(style)) : { version: 8, sources: {}, layers: [] };
    this.map = new Map({
      container: this,
      style: { ...ground, sources: { ...ground.sources, ...plainSource(plain) }, layers: [this.#blank(), ...ground.layers, ...this.#plainGround(plain)] },
      center: [105, 35],
      zoom: 3,
      maxZoom: 20,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      // Nothing fades: what is drawn is there.
      fadeDuration: 0,
      attributionControl: false,
      locale: JSON.parse(words),
    });
    this.#moveSmoothly();
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }));
    this.map.addControl(new ScaleControl({ unit: "metric" }));
    if (tiles) this.map.addControl(new AttributionControl({ compact: true }));
    this.map.on("webglcontextlost", () => this.#lost());
    // A tile that is missing leaves a hole and no more; the sources are told apart by whoever looks into the console.
    this.map.on("error", ({ error }) => console.warn(String(error?.message ?? error)));
    this.map.on("click", (event) => this.#choose(event.point));
    for (const layer of ["clusters", "dots"]) {
      this.map.on("mouseenter", layer, () => this.#pointer("pointer"));
      this.map.on("mouseleave", layer, () => this.#pointer(""));
    }
    await new Promise((done) => this.map.once("load", done));
    this.#addLayers();
  }

  draw({ zones, issues, bounds }) {
    this.map?.getSource("zones")?.setData(JSON.parse(zones));
    this.map?.getSource("issues")?.setData(JSON.parse(issues));
    if (bounds) {
      const [west, south, east, north] = bounds;
      this.map?.fitBounds([[west, south], [east, north]], { padding: { top: 40, bottom: 40, left: 56, right: 56 }, maxZoom: 17, animate: false });
    }
  }

  disconnectedCallback() {
    this.map?.remove();
    this.map = undefined;
    removeProtocol("pmtiles");
  }

  #color(name) {
    return getComputedStyle(this).getPropertyValue(`--map-${name}`).trim();
  }

  #blank() {
    return { id: "ground", type: "background", paint: { "background-color": this.#color("ground") } };
  }

  /** The office's own GeoJSON, as plain as it is: areas, lines, spots, and their names where they have some. */
  #plainGround(plain) {
    if (!plain) return [];
    const source = "plain";
    const is = (type) => ["match", ["geometry-type"], [type, `Multi${type}`], true, false];
    const name = ["coalesce", ["get", "name"], ["get", "名称"], ["get", "NAME"], ["get", "Name"], ""];
    const names = { "text-field": ["to-string", name], "text-font": FONT, "text-size": 14, "text-max-width": 8 };
    const ink = { "text-color": "#54615a", "text-halo-color": this.#color("ground"), "text-halo-width": 1.5 };
    return [
      { id: "plain-areas", type: "fill", source, filter: is("Polygon"), paint: { "fill-color": "#dfe5e0", "fill-outline-color": "#b4beb7" } },
      { id: "plain-lines", type: "line", source, filter: is("LineString"), paint: { "line-color": "#b4beb7", "line-width": 2 } },
      { id: "plain-spots", type: "circle", source, filter: is("Point"), paint: { "circle-color": "#8a968f", "circle-radius": 3 } },
      { id: "plain-line-names", type: "symbol", source, filter: is("LineString"), layout: { ...names, "symbol-placement": "line" }, paint: ink },
      { id: "plain-names", type: "symbol", source, filter: ["!", is("LineString")], layout: names, paint: ink },
    ];
  }

  #pointer(cursor) {
    this.map.getCanvas().style.cursor = cursor;
  }

  /** Where the processor draws in place of a graphics card: coarser while the map moves, sharp again as soon as it rests. */
  #moveSmoothly() {
    const { map } = this;
    const sharp = map.getPixelRatio();
    let [last, coarse, gaps] = [0, false, []];
    // Each change of it says once more that the map begins and ends to move.
    let changing = false;
    const draw = (want) => {
      if (changing || want === coarse) return;
      changing = true;
      map.setPixelRatio((coarse = want) ? sharp / 2 : sharp);
      changing = false;
    };
    map.on("movestart", () => {
      last = 0;
      draw(slow);
    });
    map.on("render", () => {
      if (slow || !map.isMoving()) return;
      const now = performance.now();
      if (last) gaps = [...gaps, now - last].slice(-PROOF);
      last = now;
      slow = gaps.length === PROOF && Math.min(...gaps) > STUTTER;
      if (slow) queueMicrotask(() => draw(map.isMoving()));
    });
    map.on("moveend", () => draw(false));
  }

  #lost() {
    this.dispatchEvent(new CustomEvent("broken"));
  }

  #addLayers() {
    const { map } = this;
    const color = (name) => this.#color(name);
    const byState = ["new", "work", "check", "rework"].flatMap((look) => [look, color(look)]);
    map.addSource("zones", { type: "geojson", data: EMPTY });
    map.addSource("issues", {
      type: "geojson",
      data: EMPTY,
      cluster: true,
      clusterRadius: 44,
      clusterMaxZoom: CLUSTERS_TO,
      clusterProperties: { late: ["+", ["get", "late"]] },
    });
    map.addLayer({ id: "zones", type: "fill", source: "zones", paint: { "fill-color": color("zone"), "fill-opacity": 0.07 } });
    map.addLayer({ id: "borders", type: "line", source: "zones", paint: { "line-color": color("zone"), "line-width": 2, "line-opacity": 0.7 } });
    map.addLayer({
      id: "zone-names",
      type: "symbol",
      source: "zones",
      layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 16, "text-max-width": 8, "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 1.5 },
      paint: { "text-color": color("name"), "text-halo-color": color("ground"), "text-halo-width": 2 },
    });
    const late = [">", ["get", "late"], 0];
    map.addLayer({
      id: "clusters",
      type: "circle",
      source: "issues",
      filter: ["has", "point_count"],
      paint: {
        "circle-color": color("cluster"),
        "circle-radius": ["step", ["get", "point_count"], 17, 10, 21, 100, 26, 1000, 31],
        "circle-stroke-width": ["case", late, 4, 2],
        "circle-stroke-color": ["case", late, color("late"), color("halo")],
      },
    });
    map.addLayer({
      id: "counts",
      type: "symbol",
      source: "issues",
      filter: ["has", "point_count"],
      layout: { "text-field": ["to-string", ["get", "point_count"]], "text-font": FONT, "text-size": 16, "text-allow-overlap": true, "text-padding": 14 },
      paint: { "text-color": color("halo") },
    });
    map.addLayer({
      id: "dots",
      type: "circle",
      source: "issues",
      filter: ["!", ["has", "point_count"]],
      paint: {
        "circle-color": ["match", ["get", "look"], ...byState, color("rest")],
        "circle-radius": 9,
        "circle-stroke-width": ["case", late, 4, 2],
        "circle-stroke-color": ["case", late, color("late"), color("halo")],
      },
    });
  }

  async #choose({ x, y }) {
    const around = [[x - REACH, y - REACH], [x + REACH, y + REACH]];
    const found = this.map.queryRenderedFeatures(around, { layers: ["clusters", "dots"] });
    const cluster = found.find((feature) => feature.properties.cluster);
    if (!cluster) return this.#tell(found.map((feature) => feature.properties.id));
    const source = this.map.getSource("issues");
    const zoom = await source.getClusterExpansionZoom(cluster.id);
    if (zoom <= CLUSTERS_TO) return this.map.easeTo({ center: cluster.geometry.coordinates, zoom: zoom + 0.3, duration: 300 });
    const leaves = await source.getClusterLeaves(cluster.id, 50, 0);
    this.#tell(leaves.map((feature) => feature.properties.id));
  }

  #tell(ids) {
    const detail = [...new Set(ids)].join(",");
    this.dispatchEvent(new CustomEvent("chosen", { detail }));
  }
}

function plainSource(plain) {
  return plain ? { plain: { type: "geojson", data: JSON.parse(plain) } } : {};
}

function styleSheet(href) {
  if (document.querySelector(`link[href="${href}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const loaded = new Promise((done, failed) => Object.assign(link, { onload: done, onerror: failed }));
  document.head.append(link);
  return loaded;
}

/** The office's own base map, in its own style or, without one, every layer as plain lines and areas. */
async function officeGround(read, style) {
  const { PMTiles, Protocol } = await import("{{map/vendor/pmtiles.mjs}}");
  const archive = new PMTiles({
    getKey: () => "office",
    getBytes: async (offset, length) => ({ data: (await read(offset, length)).buffer }),
  });
  const protocol = new Protocol({ metadata: true });
  protocol.add(archive);
  addProtocol("pmtiles", protocol.tile);
  if (style) return style;
  const header = await archive.getHeader();
  const VECTOR = 1;
  const url = "pmtiles://office";
  if (header.tileType === VECTOR) {
    return { version: 8, sources: { office: { type: "vector", url } }, layers: plainLayers(await archive.getMetadata()) };
  }
  // Only pictures have a size of their own: the library refuses a vector source with one, and then draws nothing at all.
  return { version: 8, sources: { office: { type: "raster", url, tileSize: 256 } }, layers: [{ id: "base", type: "raster", source: "office" }] };
}

function plainLayers({ vector_layers: layers = [] }) {
  return layers.flatMap(({ id }) => [
    { id: `${id}-areas`, type: "fill", source: "office", "source-layer": id, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#dfe5e0" } },
    { id: `${id}-lines`, type: "line", source: "office", "source-layer": id, paint: { "line-color": "#b4beb7" } },
  ]);
}

customElements.define("xiaohao-map", MapElement);
