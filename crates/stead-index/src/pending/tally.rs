//! Counts of records over several readings of a unit.

/// Adds up counts by name, at any depth. What is no JSON counts nothing.
pub(super) fn sum(one: &str, other: &str) -> String {
    let parse = |json| serde_json::from_str::<serde_json::Value>(json).ok();
    match (parse(one), parse(other)) {
        (Some(mut sum), Some(other)) => {
            add(&mut sum, &other);
            sum.to_string()
        }
        (None, Some(_)) => other.to_owned(),
        _ => one.to_owned(),
    }
}

fn add(sum: &mut serde_json::Value, other: &serde_json::Value) {
    if let (Some(sum), Some(other)) = (sum.as_object_mut(), other.as_object()) {
        for (name, count) in other {
            match sum.get_mut(name) {
                Some(known) => add(known, count),
                None => drop(sum.insert(name.clone(), count.clone())),
            }
        }
    } else if let (Some(one), Some(other)) = (sum.as_u64(), other.as_u64()) {
        *sum = one.saturating_add(other).into();
    }
}

#[cfg(test)]
mod tests {
    use super::sum;

    #[test]
    fn counts_of_two_readings_add_up() {
        let before = r#"{"ignored":{"a":1,"b":2},"mapped":3,"records":6,"reported":0}"#;
        let now = r#"{"ignored":{"b":1,"c":1},"mapped":1,"records":3,"reported":0}"#;
        let both = r#"{"ignored":{"a":1,"b":3,"c":1},"mapped":4,"records":9,"reported":0}"#;
        assert_eq!(sum(before, now), both);
        assert_eq!(sum("", now), now);
        assert_eq!(sum(before, ""), before);
    }
}
