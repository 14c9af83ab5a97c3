//! What holds for any bytes and any lines.

use proptest::prelude::*;

use super::super::agent_trace::Reading;
use super::super::entire::Checkpoint;
use super::super::{LineNumbers, Log, Record};
use super::{COMMIT, credits, session};

/// Bytes that begin like notes do.
fn notes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("a.rs\n".to_owned()),
        Just("  s_1::t_2 1-3,5\n".to_owned()),
        Just("  h_1 7\n".to_owned()),
        Just("---\n".to_owned()),
        Just("{\"schema_version\":\"authorship/3.0.0\",\"prompts\":{}}".to_owned()),
        Just("{\"version\":\"0.1.0\",\"id\":\"\",\"timestamp\":\"\",\"files\":[{\"path\":\"a\",\"conversations\":[{\"ranges\":[{\"start_line\":9,\"end_line\":0}]}]}]}\n".to_owned()),
        ".{0,12}",
        "[0-9,-]{0,24}",
    ];
    let text =
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![text, proptest::collection::vec(any::<u8>(), 0..80)]
}

proptest! {
    #[test]
    fn any_bytes_are_borne(bytes in notes(), line in any::<u64>()) {
        if let Ok(log) = Log::parse(&bytes) {
            let _ = log.line(COMMIT, "a.rs", line);
            let again = Log::parse(log.to_string().as_bytes());
            prop_assert!(again.is_ok() || log.files.iter().any(|(path, _)| path.contains('"') || path == "---" || path.starts_with("  ")));
        }
        let (records, _) = Record::parse_all(&bytes);
        for record in records {
            let _ = record.line("a", line, Reading::Same);
        }
        let _ = Checkpoint::parse(&bytes);
        let _ = Checkpoint::named(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn line_numbers_are_a_set(lines in proptest::collection::btree_set(1_u64..60, 1..40)) {
        let mut numbers = LineNumbers::default();
        for line in lines.iter().rev() {
            numbers.add(*line);
        }
        let read = LineNumbers::parse(&numbers.to_string()).unwrap();
        prop_assert_eq!(&read, &numbers);
        let inside = (0..70).filter(|line| read.contains(*line));
        prop_assert_eq!(inside.collect::<Vec<_>>(), lines.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn credits_go_through_both_forms(lines in proptest::collection::btree_map(1_u64..40, 0_usize..3, 1..30)) {
        let authors = ["one", "two", "three"].map(|id| session("helper", id, false));
        let of: Vec<_> = lines.iter().map(|(line, who)| ("src/a b.rs", *line, authors[*who].clone())).collect();
        let credits = credits(&of);
        let log = credits.log(COMMIT, "stead 0").unwrap();
        let log = Log::parse(log.to_string().as_bytes()).unwrap();
        let record = credits.record(COMMIT, "0", "2026-11-21T12:00:00Z").unwrap();
        let (records, _) = Record::parse_all(serde_json::to_string(&record).unwrap().as_bytes());
        for line in 0..41 {
            let wanted = lines.get(&line).map(|who| ["one", "two", "three"][*who].to_owned());
            let in_log = log.line(COMMIT, "src/a b.rs", line).and_then(|said| said.session);
            let in_record = records[0].line("src/a b.rs", line, Reading::Same).and_then(|said| said.session);
            prop_assert_eq!(&in_log, &wanted);
            prop_assert_eq!(&in_record, &wanted);
        }
    }
}
