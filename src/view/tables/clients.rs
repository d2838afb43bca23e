//! What clients do, which the management UI does not see: who publishes what and how often, who works on messages, who asks and
//! is answered.

use crate::simulation::{ClientId, Replies, Role};

use super::super::board::{Board, ClientState};
use super::super::graph::{NodeId, ack_mode, exchange_name, keys_text};
use super::{Row, Table, number, publishes, text};

fn rows(board: &Board, row: impl Fn(&ClientState) -> Option<Vec<String>>) -> Vec<Row> {
    let row = |(id, client): (ClientId, &ClientState)| Some(Row::of(NodeId::Client(id), row(client)?));
    board.present().filter_map(row).collect()
}

/// Who publishes by itself.
pub fn producers(board: &Board) -> Table {
    let row = |client: &ClientState| {
        let producer = client.spec.role.producer()?;
        Some(vec![
            client.spec.name.to_string(),
            exchange_name(&producer.exchange).to_string(),
            keys_text(producer).to_string(),
            publishes(producer.schedule()),
            client.published.to_string(),
        ])
    };
    Table {
        caption: "Producers",
        columns: vec![text("Name"), text("Exchange"), text("Routing key"), text("Publishes"), number("Published")],
        rows: rows(board, row),
    }
}

/// Requests and their answers; none where there are no RPC clients.
pub fn requests(board: &Board) -> Option<Table> {
    let row = |client: &ClientState| match &client.spec.role {
        Role::RpcClient(rpc) => Some(vec![
            client.spec.name.to_string(),
            match rpc.replies {
                Replies::Direct => "direct reply-to".to_owned(),
                Replies::Queue => "a queue of its own".to_owned(),
            },
            client.published.to_string(),
            client.answered.to_string(),
            client.timed_out.to_string(),
        ]),
        _ => None,
    };
    let rows = rows(board, row);
    (!rows.is_empty()).then(|| Table {
        caption: "Requests",
        columns: vec![text("Name"), text("Answers by"), number("Sent"), number("Answered"), number("Timed out")],
        rows,
    })
}

/// Who consumes and works on messages. What workers and RPC servers publish for them stands last, where there are any.
pub fn consuming(board: &Board) -> Table {
    let publish_too = |client: &ClientState| matches!(client.spec.role, Role::Worker(_) | Role::RpcServer(_));
    let any_publish = board.present().any(|(_, client)| publish_too(client));
    let row = |client: &ClientState| {
        let consumer = client.spec.role.consumer()?;
        let mut row = vec![
            client.spec.name.to_string(),
            consumer.queues.iter().map(|queue| queue.to_string()).collect::<Vec<_>>().join(", "),
            ack_mode(consumer.ack).to_owned(),
            if client.prefetch == 0 { "unlimited".to_owned() } else { client.prefetch.to_string() },
            client.held.len().to_string(),
            client.received.to_string(),
            client.acked.to_string(),
        ];
        if any_publish {
            row.push(if publish_too(client) { client.published.to_string() } else { String::new() });
        }
        Some(row)
    };
    let mut columns = vec![
        text("Name"),
        text("Queues"),
        text("Acknowledges"),
        number("Prefetch"),
        number("Holds"),
        number("Received"),
        number("Acked"),
    ];
    if any_publish {
        columns.push(number("Published"));
    }
    Table { caption: "Consuming clients", columns, rows: rows(board, row) }
}
