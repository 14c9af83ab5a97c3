//! What holds for every wire format, on recorded answers.

use std::io::BufReader;

use proptest::prelude::*;

use crate::message::{Origin, Part};
use crate::provider::{Wire, decode};
use crate::response::{Assembly, Delta, Response, StopKind};
use crate::traffic::Exchange;

const RECORDS: [(Wire, &str, &str); 4] = [
    (
        Wire::Openai,
        include_str!("../openai/testdata/scripted/stream.jsonl"),
        include_str!("../openai/testdata/scripted/whole.jsonl"),
    ),
    (
        Wire::OpenaiResponses,
        include_str!("../openai_responses/testdata/scripted/stream.jsonl"),
        include_str!("../openai_responses/testdata/scripted/whole.jsonl"),
    ),
    (
        Wire::Anthropic,
        include_str!("../anthropic/testdata/scripted/stream.jsonl"),
        include_str!("../anthropic/testdata/scripted/whole.jsonl"),
    ),
    (
        Wire::Gemini,
        include_str!("../gemini/testdata/scripted/stream.jsonl"),
        include_str!("../gemini/testdata/scripted/whole.jsonl"),
    ),
];

pub(super) fn origin(wire: Wire) -> Origin {
    Origin {
        wire,
        provider: "scripted".into(),
    }
}

pub(super) fn assembled(wire: Wire, deltas: &[Delta]) -> Response {
    let mut assembly = Assembly::default();
    for delta in deltas {
        assembly.add(delta);
    }
    assembly.response(&origin(wire))
}

fn exchanges(record: &str) -> Vec<Exchange> {
    Exchange::read(BufReader::new(record.as_bytes())).unwrap()
}

/// Ids are made anew for each answer, the count of the prompt's tokens differs by the word
/// `stream` in it, and arguments that come as an object have no letters of their own; the
/// rest has to be the same.
fn comparable(mut response: Response) -> Response {
    response.id = response.id.map(|_| "id".into());
    response.usage.input = response.usage.input.map(|_| 0);
    for part in &mut response.parts {
        if let Part::ToolCall(call) = part {
            "id".clone_into(&mut call.id);
            let value: serde_json::Value = serde_json::from_str(&call.arguments).unwrap();
            call.arguments = value.to_string();
        }
    }
    response
}

#[test]
fn what_streams_is_what_comes_at_once() {
    for (wire, stream, whole) in RECORDS {
        let (streams, wholes) = (exchanges(stream), exchanges(whole));
        assert_eq!((streams.len(), wholes.len()), (2, 2), "{wire}");
        for (stream, whole) in streams.iter().zip(&wholes) {
            let (deltas, is_whole) = decode::stream(wire, &[&stream.body()]).unwrap();
            assert!(is_whole, "{wire}");
            let at_once = decode::whole(wire, &whole.body()).unwrap();
            let streamed = comparable(assembled(wire, &deltas));
            assert_eq!(streamed, comparable(assembled(wire, &at_once)), "{wire}");
            assert_eq!(streamed.unknown, [""; 0], "{wire}");
        }
    }
}

/// What the script of the recorded answers says.
#[test]
fn the_scripts_words_arrive() {
    for (wire, stream, _) in RECORDS {
        let exchanges = exchanges(stream);
        let answer = |exchange: &Exchange| {
            let (deltas, _) = decode::stream(wire, &[&exchange.body()]).unwrap();
            assembled(wire, &deltas)
        };
        let first = answer(&exchanges[0]);
        let said = "Ich schaue nach – grüße, 你好, 😀 and \"quotes\".";
        assert_eq!(first.text(), said, "{wire}");
        let calls: Vec<_> = first.calls().map(|call| call.object().unwrap()).collect();
        assert_eq!(calls[0]["command"], "ls -1 'späte dir'", "{wire}");
        assert_eq!(calls[1]["command"], "printf '%s\\n' \"é\\t😀\"", "{wire}");
        assert_eq!(first.stop.unwrap().kind, StopKind::ToolUse, "{wire}");
        let reasoning = first.parts.iter().find_map(|part| match part {
            Part::Reasoning { text, .. } => Some(text.as_str()),
            _ => None,
        });
        let thought = "The user wants the files: let me look at them first, with „ls“.";
        // The script of the Anthropic format thinks only if it is asked to.
        assert_eq!(reasoning, Some(thought), "{wire}");
        let second = answer(&exchanges[1]);
        assert_eq!(second.text(), "There are two files: a.txt and b.txt. ✔");
        assert_eq!(second.stop.unwrap().kind, StopKind::EndTurn, "{wire}");
        assert!(second.usage.output.is_some_and(|count| count > 0), "{wire}");
    }
}

proptest! {
    #[test]
    fn cuts_make_no_difference(
        record in 0_usize..8,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
    ) {
        let (wire, stream, _) = RECORDS[record / 2];
        let body = exchanges(stream)[record % 2].body();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len())).collect();
        places.push(body.len());
        places.sort_unstable();
        let mut last = 0;
        let pieces: Vec<&[u8]> = places
            .iter()
            .map(|place| &body[std::mem::replace(&mut last, *place)..*place])
            .collect();
        prop_assert_eq!(decode::stream(wire, &pieces), decode::stream(wire, &[&body]));
    }

    /// A stream that ends early is never taken for a whole answer.
    #[test]
    fn a_part_is_not_the_whole(record in 0_usize..8, cut in any::<prop::sample::Index>()) {
        let (wire, stream, _) = RECORDS[record / 2];
        let body = exchanges(stream)[record % 2].body();
        let whole = assembled(wire, &decode::stream(wire, &[&body]).unwrap().0);
        let part = &body[..cut.index(body.len())];
        if let Ok((deltas, true)) = decode::stream(wire, &[part]) {
            let mut response = assembled(wire, &deltas);
            // The count of tokens may come last, after the answer.
            response.usage = whole.usage;
            prop_assert_eq!(response, whole);
        }
    }

    #[test]
    fn no_bytes_break_a_decoder(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0_usize..4) {
        let wire = RECORDS[kind].0;
        let _ = decode::stream(wire, &[&bytes]);
        let _ = decode::whole(wire, &bytes);
    }
}
