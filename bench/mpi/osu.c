/* The measurements of bench/mpi.mjs in C: what the machine and its MPI can do. After the OSU micro-benchmarks.
 *   mpicc -O2 -o osu osu.c;  mpirun -np 2 ./osu latency bandwidth ...
 * Prints the median of all batches, in seconds an operation, as JSON. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kBatches = 21, kWindow = 64, kMegabyte = 1 << 20, kLarge = 16000000 };

static int rank, other;
static char* buffers[2]; /* sent and received */

static void latency(int bytes) {
  if (rank == 0) {
    MPI_Send(buffers[0], bytes, MPI_BYTE, other, 1, MPI_COMM_WORLD);
    MPI_Recv(buffers[1], bytes, MPI_BYTE, other, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else {
    MPI_Recv(buffers[1], bytes, MPI_BYTE, other, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Send(buffers[0], bytes, MPI_BYTE, other, 1, MPI_COMM_WORLD);
  }
}

static void awaited(void) {
  MPI_Request request;
  for (int turn = 0; turn < 2; turn++) {
    if (turn == rank) {
      MPI_Isend(buffers[0], 8, MPI_BYTE, other, 1, MPI_COMM_WORLD, &request);
    } else {
      MPI_Irecv(buffers[1], 8, MPI_BYTE, other, 1, MPI_COMM_WORLD, &request);
    }
    MPI_Wait(&request, MPI_STATUS_IGNORE);
  }
}

static void bandwidth(void) {
  MPI_Request requests[kWindow];
  for (int i = 0; i < kWindow; i++) {
    if (rank == 0) {
      MPI_Isend(buffers[0], kMegabyte, MPI_BYTE, other, 1, MPI_COMM_WORLD, &requests[i]);
    } else {
      MPI_Irecv(buffers[1], kMegabyte, MPI_BYTE, other, 1, MPI_COMM_WORLD, &requests[i]);
    }
  }
  MPI_Waitall(kWindow, requests, MPI_STATUSES_IGNORE);
  if (rank == 0) {
    MPI_Recv(buffers[1], 4, MPI_BYTE, other, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  } else {
    MPI_Send(buffers[0], 4, MPI_BYTE, other, 2, MPI_COMM_WORLD);
  }
}

static int ascending(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static double median(double* values) {
  qsort(values, kBatches, sizeof *values, ascending);
  return values[kBatches / 2];
}

/* `once` is one round of `ways` operations. */
static double rounds(void (*once)(void), int iterations, double ways) {
  double seconds[kBatches];
  for (int batch = -2; batch < kBatches; batch++) { /* two to warm up */
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime();
    for (int i = 0; i < iterations; i++) once();
    if (batch >= 0) seconds[batch] = (MPI_Wtime() - start) / iterations / ways;
  }
  return median(seconds);
}

/* A collective operation: the mean of the ranks, each of which is timed from its call to its return. */
static double collective(void (*once)(void), int iterations) {
  double seconds[kBatches];
  for (int batch = -2; batch < kBatches; batch++) {
    double sum = 0, all = 0;
    for (int i = 0; i < iterations; i++) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double start = MPI_Wtime();
      once();
      sum += MPI_Wtime() - start;
    }
    MPI_Allreduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    if (batch >= 0) seconds[batch] = all / 2 / iterations;
  }
  return median(seconds);
}

static void small(void) { latency(8); }
static void large(void) { latency(kLarge); }
static void allreduce(void) {
  MPI_Allreduce(buffers[0], buffers[1], kMegabyte / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}
static void bcast(void) { MPI_Bcast(buffers[0], kMegabyte, MPI_BYTE, 0, MPI_COMM_WORLD); }

static double measured(const char* name) {
  if (strcmp(name, "latency") == 0) return rounds(small, 1000, 2);
  if (strcmp(name, "awaited") == 0) return rounds(awaited, 1000, 2);
  if (strcmp(name, "bandwidth") == 0) return rounds(bandwidth, 5, kWindow);
  if (strcmp(name, "array") == 0) return rounds(large, 3, 2);
  if (strcmp(name, "allreduce") == 0) return collective(allreduce, 20);
  if (strcmp(name, "bcast") == 0) return collective(bcast, 20);
  return -1;
}

int main(int argc, char** argv) {
  int provided;
  /* As mpi4py and numcore do. */
  MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  other = 1 - rank;
  for (int i = 0; i < 2; i++) {
    buffers[i] = malloc(kLarge);
    memset(buffers[i], 1, kLarge);
  }
  for (int i = 1; i < argc; i++) {
    const double seconds = measured(argv[i]);
    if (rank == 0 && seconds >= 0) printf("{\"name\":\"%s\",\"seconds\":%.9g}\n", argv[i], seconds);
  }
  MPI_Finalize();
  return 0;
}
