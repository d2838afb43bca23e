// The same work for npm's smqp, as its documentation would have it: a queue with a consumer for each binding, messages
// acknowledged in the consumer's callback.

import { Broker } from './smqp/index.js';

const PAYLOAD = 'sixteen bytes...';

const routingKey = (number) => `shop.${number}.created`;

// As in bench/src/lib.rs.
function pattern(kind, number) {
  if (kind === 'topic' && number % 3 === 1) return `shop.${number}.*`;
  if (kind === 'topic' && number % 3 === 2) return `shop.${number}.#`;
  return routingKey(number);
}

export class SmqpBed {
  constructor(kind, bindings) {
    this.broker = new Broker();
    this.broker.assertExchange('x', kind === 'direct' ? 'direct' : 'topic', { autoDelete: false });
    this.keys = [];
    this.next = 0;
    this.acknowledged = 0;
    const onMessage = (_, message) => {
      this.acknowledged += 1;
      message.ack();
    };
    for (let number = 0; number < bindings; number += 1) {
      const queue = `queue ${number}`;
      this.broker.assertQueue(queue, { autoDelete: false });
      this.broker.bindQueue(queue, 'x', pattern(kind, number));
      this.broker.consume(queue, onMessage, { consumerTag: `consumer ${number}` });
      this.keys.push(routingKey(number));
    }
  }

  run(messages) {
    const before = this.acknowledged;
    for (let sent = 0; sent < messages; sent += 1) {
      this.broker.publish('x', this.keys[this.next], PAYLOAD);
      this.next = (this.next + 1) % this.keys.length;
    }
    if (this.acknowledged - before !== messages) throw new Error('smqp: not every message came through');
  }
}
