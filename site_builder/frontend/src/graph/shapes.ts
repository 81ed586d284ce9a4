// How nodes look: a shape for each type. For sigma a WebGL program that draws them all as points, for a canvas a path.
import type { NodeDisplayData, RenderParams } from "sigma/types";
import { NodeProgram, type ProgramInfo } from "sigma/rendering";
import { floatColor } from "sigma/utils";

/** Types in the order of the shapes below. */
export const SHAPES: readonly string[] = ["note", "wanted", "model", "reference"];

const UNIFORMS = ["u_sizeRatio", "u_pixelRatio", "u_matrix", "u_paper"] as const;
const { FLOAT, UNSIGNED_BYTE, POINTS } = WebGLRenderingContext;

const VERTEX = `
attribute vec2 a_position;
attribute float a_size;
attribute float a_shape;
attribute vec4 a_color;
attribute vec4 a_id;
uniform float u_sizeRatio;
uniform float u_pixelRatio;
uniform mat3 u_matrix;
varying vec4 v_color;
varying float v_shape;
varying float v_pixel;
varying float v_edge;

void main() {
  gl_Position = vec4((u_matrix * vec3(a_position, 1)).xy, 0, 1);
  float size = a_size / u_sizeRatio * u_pixelRatio * 2.0 + 2.0 * u_pixelRatio;
  gl_PointSize = a_size > 0.0 ? size : 0.0;
  v_pixel = 2.0 / size;
  v_edge = 1.0 - v_pixel * u_pixelRatio;
  v_shape = a_shape;
  #ifdef PICKING_MODE
  v_color = a_id;
  #else
  v_color = a_color;
  #endif
  v_color.a *= 255.0 / 254.0;
}`;

// A rim of paper, one pixel wide, parts nodes that touch, but for the smallest, of which it would leave little.
const FRAGMENT = `
precision mediump float;
varying vec4 v_color;
varying float v_shape;
varying float v_pixel;
varying float v_edge;
uniform vec3 u_paper;

void main() {
  vec2 p = abs(gl_PointCoord * 2.0 - 1.0);
  float away = v_shape < 1.5 ? length(p) : v_shape < 2.5 ? max(p.x, p.y) * 1.15 : (p.x + p.y) * 0.9;
  #ifdef PICKING_MODE
  gl_FragColor = away > 1.0 ? vec4(0.0) : v_color;
  #else
  vec3 color = v_color.rgb;
  float hollow = v_shape > 0.5 && v_shape < 1.5 ? v_edge - max(v_pixel * 3.0, 0.3 * v_edge) : -1.0;
  float inside = smoothstep(hollow - v_pixel, hollow, away) * (1.0 - smoothstep(v_edge - v_pixel, v_edge, away));
  float rim = 1.0 - smoothstep(1.0 - v_pixel, 1.0, away);
  float shade = v_edge > 0.74 ? rim : inside;
  gl_FragColor = vec4(mix(u_paper, color, inside) * shade, shade);
  #endif
}`;

/** Return a program for sigma that draws nodes by their `shape`, a number; `paper` gives the color of the ground. */
export function shapeProgram(paper: () => readonly [number, number, number]) {
  return class extends NodeProgram<(typeof UNIFORMS)[number]> {
    getDefinition() {
      return {
        VERTICES: 1,
        VERTEX_SHADER_SOURCE: VERTEX,
        FRAGMENT_SHADER_SOURCE: FRAGMENT,
        METHOD: POINTS,
        UNIFORMS,
        ATTRIBUTES: [
          { name: "a_position", size: 2, type: FLOAT },
          { name: "a_size", size: 1, type: FLOAT },
          { name: "a_shape", size: 1, type: FLOAT },
          { name: "a_color", size: 4, type: UNSIGNED_BYTE, normalized: true },
          { name: "a_id", size: 4, type: UNSIGNED_BYTE, normalized: true },
        ],
      };
    }

    processVisibleItem(index: number, start: number, data: NodeDisplayData & { shape?: number }): void {
      this.array.set([data.x, data.y, data.size, data.shape ?? 0, floatColor(data.color), index], start);
    }

    setUniforms({ sizeRatio, pixelRatio, matrix }: RenderParams, { gl, uniformLocations }: ProgramInfo): void {
      const { u_sizeRatio, u_pixelRatio, u_matrix, u_paper } = uniformLocations;
      gl.uniform1f(u_sizeRatio ?? null, sizeRatio);
      gl.uniform1f(u_pixelRatio ?? null, pixelRatio);
      gl.uniformMatrix3fv(u_matrix ?? null, false, matrix);
      gl.uniform3fv(u_paper ?? null, paper());
    }
  };
}

/** Add a node's shape to a canvas's path. */
export function traceShape(path: CanvasRenderingContext2D, shape: number, x: number, y: number, radius: number): void {
  if (shape === 2) path.rect(x - radius * 0.87, y - radius * 0.87, radius * 1.74, radius * 1.74);
  else if (shape === 3) {
    const reach = radius * 1.11;
    path.moveTo(x, y - reach);
    path.lineTo(x + reach, y);
    path.lineTo(x, y + reach);
    path.lineTo(x - reach, y);
    path.closePath();
  } else {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
  }
}
