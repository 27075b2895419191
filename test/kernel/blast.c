/*
 * Sends prepared Ethernet frames, many a system call.
 *
 *   blast IFACE...      reads records from standard input, in host byte order:
 *                         u16 length, u16 index of the interface, then `length` bytes of frame
 *                       a record of length 0 ends a batch; the answer is the line "sent N" on standard output.
 *
 * A frame is never split or padded here. Sending runs the receiver's softirq on this CPU, so a batch that has been answered has
 * passed every hook on the other side of the veth pair.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256, LARGEST = 2048, INTERFACES = 16 };

static uint8_t frames[INTERFACES][BATCH][LARGEST];
static struct iovec vectors[INTERFACES][BATCH];
static struct mmsghdr messages[INTERFACES][BATCH];
static int sockets[INTERFACES];
static int waiting[INTERFACES];

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int fill(void *into, size_t length) {
  return fread(into, 1, length, stdin) == length;
}

static unsigned flush(int i) {
  int done = 0;
  while (done < waiting[i]) {
    int n = sendmmsg(sockets[i], messages[i] + done, waiting[i] - done, 0);
    if (n < 0) {
      if (errno == ENOBUFS || errno == EINTR || errno == EAGAIN) {
        usleep(200);
        continue;
      }
      fail("sendmmsg");
    }
    done += n;
  }
  waiting[i] = 0;
  return done;
}

int main(int argc, char **argv) {
  int count = argc - 1;
  if (count < 1 || count > INTERFACES) {
    fprintf(stderr, "usage: blast IFACE...\n");
    return 2;
  }
  for (int i = 0; i < count; i++) {
    /* Protocol 0: this socket only sends, nothing is ever queued to it. */
    sockets[i] = socket(AF_PACKET, SOCK_RAW, 0);
    if (sockets[i] < 0) fail("socket");
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = 0, .sll_ifindex = if_nametoindex(argv[i + 1])};
    if (to.sll_ifindex == 0) fail(argv[i + 1]);
    if (bind(sockets[i], (struct sockaddr *)&to, sizeof to) < 0) fail("bind");
    for (int k = 0; k < BATCH; k++) {
      vectors[i][k].iov_base = frames[i][k];
      messages[i][k].msg_hdr.msg_iov = &vectors[i][k];
      messages[i][k].msg_hdr.msg_iovlen = 1;
    }
  }
  unsigned sent = 0;
  uint16_t head[2];
  while (fill(head, sizeof head)) {
    if (head[0] == 0) {
      for (int i = 0; i < count; i++) sent += flush(i);
      printf("sent %u\n", sent);
      fflush(stdout);
      sent = 0;
      continue;
    }
    int i = head[1];
    if (i >= count || head[0] > LARGEST) {
      fprintf(stderr, "bad record\n");
      return 2;
    }
    int k = waiting[i];
    if (!fill(frames[i][k], head[0])) return 2;
    vectors[i][k].iov_len = head[0];
    if (++waiting[i] == BATCH) sent += flush(i);
  }
  return 0;
}
