// The cell in three dimensions, by three.js: tubes in the colours of their potentials, releases as points of light.
import {
  BufferAttribute, BufferGeometry, Color, CylinderGeometry, DataTexture, InstancedBufferAttribute,
  InstancedBufferGeometry, LineBasicMaterial, LineSegments, Mesh, NearestFilter, OrthographicCamera, Points,
  Raycaster, Scene, ShaderMaterial, Vector2, Vector3, WebGLRenderer, BackSide, AdditiveBlending,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { EXCITATORY, INHIBITORY } from "./colours.js";
import { lowerBound } from "./runs.js";

const THINNEST_PX = 2.4; // thin branches stay visible from afar
export const LIT_MS = 4; // how long a release is seen, in simulated time
const PICK_PX = 9;

const TUBE = `
  attribute vec3 begin, end; attribute float radius, segment;
  uniform float thinnest, nSegments, from, to, wider;
  varying vec3 vNormal; varying float vSegment;
  void main() {
    vec3 axis = normalize(end - begin + vec3(1e-6));
    vec3 side = normalize(abs(axis.y) < 0.9 ? cross(axis, vec3(0., 1., 0.)) : cross(axis, vec3(1., 0., 0.)));
    vec3 other = cross(axis, side);
    float r = max(radius, thinnest);
    if (wider > 0.) r = segment >= from && segment < to ? r + wider : 0.;
    vec3 around = side * position.x + other * position.z;
    vec3 place = mix(begin - axis * r * .35, end + axis * r * .35, position.y + .5) + around * r;
    vec3 outward = side * normal.x + axis * normal.y + other * normal.z;
    vNormal = normalize(normalMatrix * outward);
    vSegment = (segment + .5) / nSegments;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(place, 1.);
  }`;
const PAINTED = `
  uniform sampler2D colours; varying vec3 vNormal; varying float vSegment;
  void main() {
    vec3 colour = texture2D(colours, vec2(vSegment, .5)).rgb;
    gl_FragColor = vec4(colour * (.7 + .3 * abs(vNormal.z)), 1.);
  }`;
const WHITE = "void main() { gl_FragColor = vec4(1.); }";
const LIGHT = `
  attribute float strength, inhibitory; uniform float size;
  varying float vStrength, vInhibitory;
  void main() {
    vStrength = strength; vInhibitory = inhibitory;
    gl_PointSize = strength > 0. ? size * (.7 + .5 * strength) : 0.;
    gl_Position = strength > 0. ? projectionMatrix * modelViewMatrix * vec4(position, 1.) : vec4(2., 2., 2., 1.);
  }`;
const GLOWING = `
  uniform vec3 excitatory, inhibitoryColour; varying float vStrength, vInhibitory;
  void main() {
    float r = length(gl_PointCoord - .5) * 2.;
    if (r > 1.) discard;
    float ring = smoothstep(.4, .6, r) * (1. - smoothstep(.85, 1., r));
    float disc = 1. - smoothstep(.5, 1., r);
    float shape = mix(disc, ring, vInhibitory);
    gl_FragColor = vec4(mix(excitatory, inhibitoryColour, vInhibitory) * shape * vStrength * mix(1., .8, vInhibitory), shape);
  }`;

export class CellView {
  constructor(holder, run) {
    this.holder = holder;
    this.run = run;
    this.listeners = { pick: [], turn: [] };
    this.renderer = new WebGLRenderer({ antialias: true, alpha: true, preserveDrawingBuffer: true });
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
    const canvas = this.renderer.domElement;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", "The cell; drag to rotate, scroll to zoom, click a section for its numbers");
    holder.prepend(canvas);
    this.scene = new Scene();
    this.camera = new OrthographicCamera(-1, 1, 1, -1, -5000, 9000);
    this.addTubes();
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enableDamping = false;
    this.controls.zoomToCursor = true;
    this.controls.minZoom = 0.5;
    this.controls.maxZoom = 60;
    this.controls.addEventListener("change", () => {
      this.draw();
      for (const listener of this.listeners.turn) listener(this);
    });
    canvas.addEventListener("pointerdown", (event) => (this.pressed = [event.clientX, event.clientY]));
    canvas.addEventListener("click", (event) => this.click(event));
    this.fit();
    new ResizeObserver(() => this.resize()).observe(holder);
    this.resize();
  }

  on(kind, listener) {
    this.listeners[kind].push(listener);
  }

  addTubes() {
    const { pieces, pieceSegments, diameters, n } = this.run.cell;
    const count = pieceSegments.length;
    const begin = new Float32Array(3 * count);
    const end = new Float32Array(3 * count);
    const radius = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      begin.set(pieces.subarray(6 * i, 6 * i + 3), 3 * i);
      end.set(pieces.subarray(6 * i + 3, 6 * i + 6), 3 * i);
      radius[i] = diameters[pieceSegments[i]] / 2;
    }
    const tube = new InstancedBufferGeometry();
    const cylinder = new CylinderGeometry(1, 1, 1, 10, 1, false);
    tube.index = cylinder.index;
    tube.setAttribute("position", cylinder.attributes.position);
    tube.setAttribute("normal", cylinder.attributes.normal);
    tube.setAttribute("begin", new InstancedBufferAttribute(begin, 3));
    tube.setAttribute("end", new InstancedBufferAttribute(end, 3));
    tube.setAttribute("radius", new InstancedBufferAttribute(radius, 1));
    tube.setAttribute("segment", new InstancedBufferAttribute(Float32Array.from(pieceSegments), 1));
    tube.instanceCount = count;
    this.paint = new DataTexture(new Uint8Array(4 * n).fill(255), n, 1);
    this.paint.minFilter = this.paint.magFilter = NearestFilter;
    const uniforms = {
      thinnest: { value: 1 }, nSegments: { value: n }, colours: { value: this.paint },
      from: { value: -1 }, to: { value: -1 }, wider: { value: 0 },
    };
    this.tubes = new Mesh(tube, new ShaderMaterial({ vertexShader: TUBE, fragmentShader: PAINTED, uniforms }));
    const around = { ...uniforms, wider: { value: 1 } };
    const white = { vertexShader: TUBE, fragmentShader: WHITE, uniforms: around, side: BackSide };
    this.halo = new Mesh(tube, new ShaderMaterial(white));
    this.halo.visible = false;
    for (const mesh of [this.tubes, this.halo]) mesh.frustumCulled = false;
    const lines = new BufferGeometry();
    lines.setAttribute("position", new BufferAttribute(Float32Array.from(pieces), 3));
    this.lines = new LineSegments(lines, new LineBasicMaterial());
    this.scene.add(this.tubes, this.halo);
  }

  // Synapses, a little beside their branch so that they are seen on either side of it.
  addSynapses() {
    const { segments, groups, n } = this.run.synapses;
    const { pieces, pieceSegments, diameters } = this.run.cell;
    const piecesOf = new Map();
    pieceSegments.forEach((segment, piece) => {
      if (!piecesOf.has(segment)) piecesOf.set(segment, []);
      piecesOf.get(segment).push(piece);
    });
    const positions = new Float32Array(3 * n);
    const inhibitory = new Float32Array(n);
    for (const group of groups) if (group.kind === "inh") inhibitory.fill(1, group.first, group.first + group.n);
    for (let i = 0; i < n; i++) {
      const own = piecesOf.get(segments[i]) ?? [0];
      const turn = (i * 0.618034) % 1; // spread evenly over a segment, the same each time
      const piece = 6 * own[Math.floor(turn * own.length)];
      const along = (i * 0.754878) % 1;
      const beside = diameters[Math.max(segments[i], 0)] / 2 + 1;
      const angle = 2 * Math.PI * turn;
      for (let c = 0; c < 3; c++) {
        const offset = [Math.cos(angle), 0, Math.sin(angle)][c] * beside;
        positions[3 * i + c] = pieces[piece + c] + along * (pieces[piece + 3 + c] - pieces[piece + c]) + offset;
      }
    }
    const geometry = new BufferGeometry();
    this.strength = new BufferAttribute(new Float32Array(n), 1);
    geometry.setAttribute("position", new BufferAttribute(positions, 3));
    geometry.setAttribute("strength", this.strength);
    geometry.setAttribute("inhibitory", new BufferAttribute(inhibitory, 1));
    const uniforms = {
      size: { value: 9 * this.renderer.getPixelRatio() },
      excitatory: { value: new Color(EXCITATORY).convertLinearToSRGB() },
      inhibitoryColour: { value: new Color(INHIBITORY).convertLinearToSRGB() },
    };
    const looks = { vertexShader: LIGHT, fragmentShader: GLOWING, uniforms, depthTest: false, transparent: true };
    this.lights = new Points(geometry, new ShaderMaterial({ ...looks, blending: AdditiveBlending }));
    this.lights.frustumCulled = false;
    this.shown = { exc: true, inh: true };
    this.scene.add(this.lights);
  }

  // Light up what released within the last few ms; returns how many of each kind.
  light(t_ms) {
    if (!this.lights) return { exc: 0, inh: 0 };
    const { times, rows } = this.run.synapses.released;
    const strength = this.strength.array;
    const inhibitory = this.lights.geometry.attributes.inhibitory.array;
    strength.fill(0);
    const lit = { exc: 0, inh: 0 };
    for (let i = lowerBound(times, t_ms - LIT_MS); i < times.length && times[i] <= t_ms; i++) {
      const kind = inhibitory[rows[i]] ? "inh" : "exc";
      lit[kind] += 1;
      if (this.shown[kind]) strength[rows[i]] = 1 - (0.8 * (t_ms - times[i])) / LIT_MS;
    }
    this.strength.needsUpdate = true;
    return lit;
  }

  // Paint every segment: `colourOf` gives the place of its colour in a table of them.
  colour(table, entryOf) {
    const data = this.paint.image.data;
    for (let i = 0; i < this.run.cell.n; i++) {
      const at = entryOf(i);
      data[4 * i] = table[at];
      data[4 * i + 1] = table[at + 1];
      data[4 * i + 2] = table[at + 2];
    }
    this.paint.needsUpdate = true;
  }

  select(section) {
    this.halo.visible = section !== null;
    if (section !== null) {
      this.halo.material.uniforms.from.value = section.first;
      this.halo.material.uniforms.to.value = section.first + section.n;
    }
    this.draw();
  }

  fit() {
    const low = new Vector3(Infinity, Infinity, Infinity);
    const high = new Vector3(-Infinity, -Infinity, -Infinity);
    const { pieces, pieceSegments, sections, sectionOf } = this.run.cell;
    const point = new Vector3();
    const thick = [low.clone(), high.clone()]; // without the axon, which leaves the picture when it turns
    for (let i = 0; i < pieces.length; i += 3) {
      point.fromArray(pieces, i);
      low.min(point);
      high.max(point);
      if (sections[sectionOf[pieceSegments[Math.floor(i / 6)]]].region === "axon") continue;
      thick[0].min(point);
      thick[1].max(point);
    }
    this.centre = thick[0].add(thick[1]).multiplyScalar(0.5);
    this.centre.y = (low.y + high.y) / 2;
    this.extent = high.sub(low);
    this.controls.target.copy(this.centre);
    this.camera.position.copy(this.centre).add(new Vector3(0, 0, 3000));
    this.camera.zoom = 1;
    this.camera.updateProjectionMatrix();
    this.controls.update();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.holder;
    if (!width || !height) return;
    this.renderer.setSize(width, height, false);
    const um = 1.12 * Math.max(this.extent.y, (this.extent.x * height) / width);
    this.camera.top = um / 2;
    this.camera.bottom = -um / 2;
    this.camera.left = (-um * width) / height / 2;
    this.camera.right = (um * width) / height / 2;
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  get umPerPixel() {
    return (this.camera.top - this.camera.bottom) / this.camera.zoom / this.holder.clientHeight;
  }

  draw() {
    const um = this.umPerPixel;
    this.tubes.material.uniforms.thinnest.value = (THINNEST_PX / 2) * um;
    this.halo.material.uniforms.thinnest.value = (THINNEST_PX / 2) * um;
    this.halo.material.uniforms.wider.value = 2 * um;
    this.renderer.render(this.scene, this.camera);
    this.onDraw?.(um);
  }

  turn(horizontal, vertical) {
    const offset = this.camera.position.clone().sub(this.controls.target);
    offset.applyAxisAngle(new Vector3(0, 1, 0), horizontal);
    const sideways = new Vector3(1, 0, 0).applyQuaternion(this.camera.quaternion);
    offset.applyAxisAngle(sideways, vertical);
    this.camera.position.copy(this.controls.target).add(offset);
    this.controls.update();
    this.draw();
  }

  zoom(factor) {
    this.camera.zoom = Math.min(Math.max(this.camera.zoom * factor, 0.5), 60);
    this.camera.updateProjectionMatrix();
    this.controls.update();
    this.draw();
  }

  follow(other) {
    this.camera.position.copy(other.camera.position);
    this.camera.quaternion.copy(other.camera.quaternion);
    this.camera.zoom = other.camera.zoom;
    this.camera.updateProjectionMatrix();
    this.controls.target.copy(other.controls.target);
    this.draw();
  }

  // Segment at a place of the canvas, in pixels of the page; null if there is none near.
  segmentAt(clientX, clientY) {
    const box = this.renderer.domElement.getBoundingClientRect();
    const place = new Vector2((2 * (clientX - box.left)) / box.width - 1, 1 - (2 * (clientY - box.top)) / box.height);
    const ray = new Raycaster();
    ray.params.Line.threshold = PICK_PX * this.umPerPixel;
    this.camera.updateMatrixWorld();
    ray.setFromCamera(place, this.camera);
    const hits = ray.intersectObject(this.lines);
    if (!hits.length) return null;
    const distance = (hit) => ray.ray.distanceSqToPoint(hit.point);
    const nearest = hits.reduce((best, hit) => (distance(hit) < distance(best) ? hit : best));
    return this.run.cell.pieceSegments[nearest.index / 2];
  }

  // Where the middle of a segment is on the page, in pixels; for what points at it.
  pageOf(segment) {
    const { pieces, pieceSegments } = this.run.cell;
    const piece = 6 * pieceSegments.indexOf(segment);
    const middle = new Vector3().fromArray(pieces, piece).add(new Vector3().fromArray(pieces, piece + 3));
    this.camera.updateMatrixWorld();
    middle.multiplyScalar(0.5).project(this.camera);
    const box = this.renderer.domElement.getBoundingClientRect();
    return [box.left + ((middle.x + 1) / 2) * box.width, box.top + ((1 - middle.y) / 2) * box.height];
  }

  click(event) {
    const moved = this.pressed && Math.hypot(event.clientX - this.pressed[0], event.clientY - this.pressed[1]);
    if (moved > 4) return;
    const segment = this.segmentAt(event.clientX, event.clientY);
    for (const listener of this.listeners.pick) listener(segment);
  }
}
