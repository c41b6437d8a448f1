//! The redactor's bars on values that its recognisers were not made with (governance section 5): each class of values with a
//! checksum or a pattern is made by its own standard and stands in many surroundings; honest texts are made beside it.

use pm33_ai::Redactor;
use proptest::{prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};

/// Values of each class, and honest texts of each sort.
const EACH: u32 = 400;
/// A piece of a value that is as long as this tells something of it.
const TELLING: usize = 6;

fn digits(length: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(0_u8..10, length).prop_map(|all| all.iter().map(u8::to_string).collect())
}

fn text(pattern: &str) -> BoxedStrategy<String> {
    prop::string::string_regex(pattern).unwrap().boxed()
}

/// The digit that makes a number pass ISO/IEC 7812's check.
fn luhn(body: &str) -> u32 {
    let sum: u32 = body
        .chars()
        .rev()
        .map(|sign| sign.to_digit(10).unwrap())
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

fn grouped(text: &str, sizes: &[usize], between: &str) -> String {
    let (mut parts, mut rest) = (Vec::new(), text);
    for size in sizes.iter().cycle() {
        let (part, later) = rest.split_at((*size).min(rest.len()));
        parts.push(part);
        rest = later;
        if rest.is_empty() {
            return parts.join(between);
        }
    }
    text.to_owned()
}

/// Numbers by their issuers' ranges and lengths, written as on the card.
fn card() -> BoxedStrategy<String> {
    let issuers: Vec<(&str, usize, &[usize])> = vec![
        ("4", 16, &[4]),
        ("4", 13, &[13]),
        ("51", 16, &[4]),
        ("55", 16, &[4]),
        ("2221", 16, &[4]),
        ("2720", 16, &[4]),
        ("34", 15, &[4, 6, 5]),
        ("37", 15, &[4, 6, 5]),
        ("6011", 16, &[4]),
        ("3528", 16, &[4]),
        ("36", 14, &[4, 6, 4]),
        ("62", 16, &[4]),
        ("62", 19, &[4]),
        ("5018", 16, &[4]),
    ];
    (select(issuers), digits(19), select(vec!["", " ", "-"]))
        .prop_map(|((begin, length, sizes), more, between)| {
            let body: String = begin.chars().chain(more.chars()).take(length - 1).collect();
            grouped(&format!("{body}{}", luhn(&body)), sizes, between)
        })
        .boxed()
}

/// By the registry's lengths and forms (n: digit, a: letter, c: either), with the check digits of ISO 7064 mod 97-10.
fn iban() -> BoxedStrategy<String> {
    let forms = [
        ("DE", "[0-9]{18}"),
        ("FR", "[0-9]{10}[0-9A-Z]{11}[0-9]{2}"),
        ("GB", "[A-Z]{4}[0-9]{14}"),
        ("NL", "[A-Z]{4}[0-9]{10}"),
        ("ES", "[0-9]{20}"),
        ("IT", "[A-Z][0-9]{10}[0-9A-Z]{12}"),
        ("NO", "[0-9]{11}"),
        ("BE", "[0-9]{12}"),
        ("CH", "[0-9]{5}[0-9A-Z]{12}"),
        ("PL", "[0-9]{24}"),
        ("MT", "[A-Z]{4}[0-9]{5}[0-9A-Z]{18}"),
        ("SE", "[0-9]{20}"),
    ];
    let each = forms.map(|(country, form)| text(form).prop_map(move |account| (country, account)).boxed());
    (prop::strategy::Union::new(each), select(vec!["", " "]))
        .prop_map(|((country, account), between)| {
            let rest = format!("{account}{country}00").chars().fold(0_u64, |rest, sign| {
                let value = u64::from(sign.to_digit(36).unwrap());
                (if value < 10 { rest * 10 + value } else { rest * 100 + value }) % 97
            });
            grouped(&format!("{country}{:02}{account}", 98 - rest), &[4], between)
        })
        .boxed()
}

fn email() -> BoxedStrategy<String> {
    let local = "[a-z]{1,8}([._+-][a-z0-9]{1,6}){0,2}";
    let domain = "[a-z][a-z0-9]{1,8}(-[a-z]{2,5})?(\\.[a-z]{2,6}){1,2}";
    (text(local), text(domain)).prop_map(|(local, domain)| format!("{local}@{domain}")).boxed()
}

fn address() -> BoxedStrategy<String> {
    let four = (1_u8..=223, any::<[u8; 3]>())
        .prop_filter("one of its own machine", |(first, _)| *first != 127)
        .prop_map(|(first, [a, b, c])| format!("{first}.{a}.{b}.{c}"));
    let six = any::<[u16; 7]>().prop_map(|parts| {
        let parts =
            [0x2000 | (parts[0] & 0x1fff), parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], 1];
        std::net::Ipv6Addr::from(parts).to_string()
    });
    let short = any::<[u16; 2]>().prop_map(|[one, two]| format!("2001:db8::{:x}:{:x}", one | 1, two | 1));
    prop_oneof![four, six, short].boxed()
}

/// As people write numbers of many countries.
fn phone() -> BoxedStrategy<String> {
    let international =
        (select(vec!["+", "00"]), select(vec!["44", "49", "33", "1", "91", "351"]), digits(9))
            .prop_map(|(plus, country, rest)| format!("{plus}{country} {}", grouped(&rest, &[3], " ")));
    let joined = (select(vec!["44", "49", "33", "1", "91"]), text("[1-9][0-9]{8,9}"))
        .prop_map(|(country, rest)| format!("+{country}{rest}"));
    let american = text("\\([2-9][0-9]{2}\\) [2-9][0-9]{2}-[0-9]{4}|[2-9][0-9]{2}-[2-9][0-9]{2}-[0-9]{4}");
    prop_oneof![international, joined, american].boxed()
}

fn national() -> BoxedStrategy<String> {
    (1_u32..900, 1_u32..100, 1_u32..10_000)
        .prop_filter("never given", |(area, ..)| *area != 666)
        .prop_map(|(area, group, serial)| format!("{area:03}-{group:02}-{serial:04}"))
        .boxed()
}

/// Secrets by the forms that their makers publish.
fn key() -> BoxedStrategy<String> {
    let forms = [
        "sk-ant-api03-[A-Za-z0-9]{40}",
        "sk-proj-[A-Za-z0-9]{48}",
        "ghp_[A-Za-z0-9]{36}",
        "github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
        "glpat-[A-Za-z0-9]{20}",
        "xoxb-[0-9]{12}-[0-9]{12}-[A-Za-z0-9]{24}",
        "AKIA[A-Z2-7]{16}",
        "AIza[A-Za-z0-9]{35}",
        "sk_live_[A-Za-z0-9]{24}",
        "npm_[A-Za-z0-9]{36}",
        "eyJ[A-Za-z0-9]{20}\\.eyJ[A-Za-z0-9]{40}\\.[A-Za-z0-9]{43}",
    ];
    prop::strategy::Union::new(forms.map(text)).boxed()
}

fn url_with_a_password() -> BoxedStrategy<String> {
    let scheme = select(vec!["https", "postgres", "amqp", "redis", "mongodb+srv"]);
    (
        scheme,
        text("[a-z]{2,8}"),
        text("[A-Za-z0-9!$%]{6,14}"),
        text("[a-z]{3,8}\\.[a-z]{2,5}"),
        text("(/[a-z]{1,6}){0,2}"),
    )
        .prop_map(|(scheme, user, word, host, path)| format!("{scheme}://{user}:{word}@{host}{path}"))
        .boxed()
}

/// What may stand around a value.
fn surroundings() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(vec![
        ("", ""),
        ("Ask ", " today."),
        ("(", ")"),
        ("\"", "\""),
        ("contact: ", ", or nobody"),
        ("- ", "\n- next"),
        ("| ", " | open |"),
        ("{\"value\": \"", "\"}"),
        ("See PAY-142 and ", "."),
        ("Ticket 7: ", "; done"),
        ("für Müller ", " – bitte"),
        ("<", ">"),
    ])
}

/// Texts with numbers and names that are nobody's; none is a value of a class by that class's own rule.
fn honest() -> BoxedStrategy<String> {
    let uuid = text("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    let hash = text("[0-9a-f]{7}|[0-9a-f]{40}|[0-9a-f]{64}");
    let version = text(
        "v?[0-9]{1,2}\\.[0-9]{1,3}\\.[0-9]{1,3}(-(rc|beta)\\.[0-9])?|[0-9]{1,2}\\.0\\.[1-9][0-9]{4}\\.[0-9]{1,4}",
    );
    let date = text(
        "20[0-3][0-9]-(0[1-9]|1[0-2])-[0-2][1-8](T[01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{3})?Z)?|[0-2][1-8]\\.(0[1-9]|1[0-2])\\.20[0-3][0-9]|[0-2][1-8]/(0[1-9]|1[0-2])/20[0-3][0-9]",
    );
    let time = text("[01][0-9]:[0-5][0-9](:[0-5][0-9])?");
    let issue = text("[A-Z]{2,6}-[0-9]{1,5}|#[0-9]{1,6}|!([0-9]{1,5})");
    let number = text(
        "[0-9]{1,3}(,[0-9]{3}){0,3}(\\.[0-9]{1,2})?|[0-9]{1,3}(\\.[0-9]{3}){1,2},[0-9]{2}|[0-9]{1,12}|[0-9]{1,3}\\.[0-9] %",
    );
    let money = text("(EUR|USD|\\$|€) ?[0-9]{1,3}(,[0-9]{3}){0,2}(\\.[0-9]{2})?");
    let stamp = text("1[67][0-9]{8}|1[67][0-9]{11}|1[67][0-9]{14}");
    let url = text(
        "https://[a-z]{3,8}\\.(com|org|io)(/[a-z0-9-]{1,10}){0,3}(\\?[a-z]{1,5}=[a-z0-9]{1,6})?(#L[0-9]{1,4})?",
    );
    let port = text("localhost:[1-9][0-9]{3}|127\\.0\\.0\\.1:[1-9][0-9]{3}|0\\.0\\.0\\.0:[1-9][0-9]{3}");
    let path = text(
        "(src|crates|docs)(/[a-z_]{2,8}){1,3}\\.(rs|md|ts):[0-9]{1,4}|[a-z]{2,6}::[a-z]{2,6}::[A-Z][a-z]{2,8}",
    );
    let range = text(
        "[0-9]{1,3}-[0-9]{1,3}|[0-9]{1,2}:[0-9]{1,2}|Q[1-4] 20[23][0-9]|[0-9]{1,2}/[0-9]{1,2}|[0-9]{1,3}x[0-9]{1,4}",
    );
    let handle = text("@[a-z]{2,10}|[a-z]{2,8}_[a-z]{2,8}|[A-Z]{2,8}_[A-Z]{2,8}|--[a-z]{3,8}=[a-z0-9]{1,6}");
    let all = [uuid, hash, version, date, time, issue, number, money, stamp, url, port, path, range, handle];
    prop::strategy::Union::new(all).boxed()
}

fn made<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Whether nothing telling of a value is left in what is sent.
fn is_hidden(value: &str, sent: &str) -> bool {
    let signs: Vec<char> = value.chars().collect();
    signs.windows(TELLING.min(signs.len())).all(|piece| !sent.contains(&piece.iter().collect::<String>()))
}

#[test]
fn every_held_out_value_is_hidden_and_honest_texts_are_not_accused() {
    let classes = [
        ("card", card()),
        ("iban", iban()),
        ("email", email()),
        ("address", address()),
        ("phone", phone()),
        ("national", national()),
        ("key", key()),
        ("url", url_with_a_password()),
    ];
    let mut runner = TestRunner::deterministic();
    let (mut found, mut missed) = (0_u32, Vec::new());
    for (class, values) in &classes {
        for _ in 0..EACH {
            let (value, (before, after)) = (made(&mut runner, values), made(&mut runner, &surroundings()));
            let text = format!("{before}{value}{after}");
            let mut redactor = Redactor::default();
            let sent = redactor.redact(&text);
            assert_eq!(redactor.restore(&sent).text, text, "{class}");
            // What stands around it is nobody's and stays, but for a bracket that a telephone's number may begin with.
            let before = before.trim_end_matches('(');
            if is_hidden(&value, &sent) && sent.starts_with(before) && sent.ends_with(after) {
                found += 1;
            } else {
                missed.push(format!("{class}: {text:?} became {sent:?}"));
            }
        }
    }
    let shown = &missed[..missed.len().min(20)];
    assert!(missed.is_empty(), "{} of {}: {shown:#?}", missed.len(), found as usize + missed.len());
    let mut accused = Vec::new();
    for _ in 0..EACH * u32::try_from(classes.len()).unwrap() {
        let (word, (before, after)) = (made(&mut runner, &honest()), made(&mut runner, &surroundings()));
        let text = format!("{before}{word}{after}");
        if Redactor::default().redact(&text) != text {
            accused.push(text);
        }
    }
    let wrong = f64::from(u32::try_from(accused.len()).unwrap());
    let precision = f64::from(found) / (f64::from(found) + wrong);
    let shown = &accused[..accused.len().min(20)];
    assert!(precision >= 0.99, "{precision}: {} accused: {shown:#?}", accused.len());
}
