/* Full-batch Adam on networks 1-H-H-1 with tanh, LANES replicas side by side in one vector, TILE examples at a
   time: what a processor can do when every number of a step is used as often as possible while it is in a
   register. A weight between the hidden layers stands at [output][input], the others as in mlcore. */
#include <math.h>
#include <string.h>

#define LANES 16
#define TILE 4
#define H 32
#define P (2 * H + (H + 1) * H + H + 1)
#define TILED _Pragma("GCC unroll 4") for (int e = 0; e < TILE; e++)

typedef float lanes __attribute__((vector_size(4 * LANES)));

typedef int whole __attribute__((vector_size(4 * LANES)));

/* 1 - 2 / (1 + e^2z) for |z| < 40; e^2z = 2^n e^part, the part within ln(2) / 2 of 0, by Taylor's series */
static inline lanes tanh_of(lanes z)
{
    lanes power = 2.885390082f * z;
    whole n = __builtin_convertvector(power + 128.5f, whole) - 128;
    lanes part = 0.69314718f * (power - __builtin_convertvector(n, lanes));
    lanes p = 1 + part * (1 + part * (0.5f + part * (0.16666667f + part * (0.041666667f
                + part * (0.0083333333f + part * 0.0013888889f)))));
    return 1 - 2 / (1 + p * (lanes)((n + 127) << 23));
}

/* the gradient g of the mean of (prediction - y)^2 over n examples, a multiple of TILE; each lane has its own */
static void gradient(int n, const lanes *x, const lanes *y, const lanes *w, lanes *g)
{
    const lanes *w1 = w, *b1 = w + H, *w2 = w + 2 * H, *b2 = w2 + H * H, *w3 = b2 + H, *b3 = w3 + H;
    lanes *g1 = g, *c1 = g + H, *g2 = g + 2 * H, *c2 = g2 + H * H, *g3 = c2 + H, *c3 = g3 + H;
    static lanes first[H][TILE], second[H][TILE], d[H][TILE];
    memset(g, 0, P * sizeof(lanes));
    for (int i = 0; i < n; i += TILE) {
        lanes delta[TILE], sum[TILE];
        for (int j = 0; j < H; j++) TILED first[j][e] = tanh_of(x[i + e] * w1[j] + b1[j]);
        TILED delta[e] = b3[0] - y[i + e];
        for (int k = 0; k < H; k++) {
            TILED sum[e] = b2[k];
            for (int j = 0; j < H; j++) TILED sum[e] += first[j][e] * w2[k * H + j];
            TILED second[k][e] = tanh_of(sum[e]);
            TILED delta[e] += second[k][e] * w3[k];
        }
        TILED delta[e] *= 2.0f / n;
        TILED c3[0] += delta[e];
        for (int k = 0; k < H; k++) {
            TILED g3[k] += delta[e] * second[k][e];
            TILED sum[e] = delta[e] * w3[k] * (1 - second[k][e] * second[k][e]);
            TILED c2[k] += sum[e];
            for (int j = 0; j < H; j++) TILED g2[k * H + j] += sum[e] * first[j][e];
            TILED d[k][e] = sum[e];
        }
        for (int j = 0; j < H; j++) {
            TILED sum[e] = d[0][e] * w2[j];
            for (int k = 1; k < H; k++) TILED sum[e] += d[k][e] * w2[k * H + j];
            TILED sum[e] *= 1 - first[j][e] * first[j][e];
            TILED g1[j] += sum[e] * x[i + e];
            TILED c1[j] += sum[e];
        }
    }
}

/* w, m, v [P]; x, y [steps or 1][n]: `further` examples lie between those of one step and of the next */
void train(int steps, int n, int further, const lanes *x, const lanes *y, lanes *w, lanes *m, lanes *v, float lr)
{
    static lanes g[P];
    for (int t = 1; t <= steps; t++, x += further, y += further) {
        float c1 = 1 - powf(0.9f, t), c2 = 1 - powf(0.999f, t);
        gradient(n, x, y, w, g);
        for (int p = 0; p < P; p++) {
            m[p] = 0.9f * m[p] + 0.1f * g[p];
            v[p] = 0.999f * v[p] + 0.001f * g[p] * g[p];
            lanes root;
            for (int l = 0; l < LANES; l++) root[l] = sqrtf(v[p][l] / c2);
            w[p] -= lr / c1 * m[p] / (root + 1e-8f);
        }
    }
}
