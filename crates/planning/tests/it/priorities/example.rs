//! The worked example of `docs/planning.md`, number by number.

use pm33_planning::priorities::{Factor, Method, SharePart, rank, sensitivity};

use super::sample::{CONTINUE, wsjf};

#[test]
fn the_worked_example_of_the_documents_holds() {
    let document =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/planning.md")).unwrap();
    // PAY-1 single sign-on, PAY-2 audit export (waits for PAY-3), PAY-3 event log, PAY-4 dark mode (no time criticality).
    let mut list = [wsjf(1, 13, 8, 3, 8), wsjf(2, 8, 13, 5, 5), wsjf(3, 2, 3, 8, 5), wsjf(4, 3, 1, 1, 3)];
    list[1].blocked_by = vec![2];
    list[0].alignment = Some(0.5);
    list[3].scoring.time_criticality = None;
    let ranking = rank(Method::Wsjf, &list);
    let row = |ranked: &pm33_planning::priorities::Ranked| {
        let (score, number) = (ranked.score.unwrap(), list[ranked.candidate].number);
        let interval = format!("{:.2} to {:.2}", score.low, score.high);
        format!("| {} | PAY-{number} | {:.2} | {interval} |", ranked.rank, ranked.middle)
    };
    let told = ranking.items.iter().map(row).collect::<Vec<_>>().join("\n");
    assert!(document.contains(&told), "the document must have these rows:\n{told}");
    let shares = &ranking.items.iter().find(|ranked| ranked.candidate == 0).unwrap().shares;
    let told: Vec<_> = shares.iter().map(|share| format!("{:.1} %", share.share * 100.0)).collect();
    assert!(document.contains(&told.join(", ")), "the document must have these shares: {}", told.join(", "));
    assert_eq!(shares[0].part, SharePart::Input(Factor::BusinessValue));
    let flips = sensitivity(&ranking, &list, 2, &mut || CONTINUE).expect("to its end");
    let told: Vec<_> = flips
        .iter()
        .map(|flip| {
            format!(
                "PAY-{} {:?} {:.0} to {:.0}",
                list[flip.candidate].number, flip.factor, flip.from, flip.to
            )
        })
        .collect();
    assert!(document.contains(&told.join("; ")), "the document must have these flips: {}", told.join("; "));
}
