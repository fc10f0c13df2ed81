/** A C program sends a frame and waits for the contender's answer; round trips, one at a time. */
export const pingPong = {
  role: 'pong',
  title: 'Ping-pong, round trip seen by C',
  metrics: {
    p50: { title: 'p50', unit: 'µs', better: 'less' },
    p99: { title: 'p99', unit: 'µs', better: 'less' },
  },
  run: (venue, contender, { quick }) =>
    venue.with(contender, { role: 'pong', apart: true }, async ({ feeder }) => {
      const count = (quick ? 5000 : 20_000) / (venue.slowness > 1 ? 10 : 1);
      feeder.tell(`ping ${count}`);
      const { p50, p99 } = JSON.parse(await feeder.expect('PINGED', venue.wait(60_000)));
      return { p50, p99 };
    }),
};
