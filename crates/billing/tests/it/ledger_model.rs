//! Any history of acts keeps the invariants: entries sum to zero, nothing that must not falls below zero, what is held is
//! the sum of open holds, every hold ends once, and credits are neither made nor lost.

use std::collections::BTreeMap;

use pm33_billing::{
    Accounts, Backing, BillingError, Books, Entry, Grantor, Hold, HoldId, HoldState, MicroCredits, Payer,
    Scene, Sent, Settlement, admit, expire, reconcile, settle,
};
use proptest::prelude::*;

use crate::settling::{at, hold_of, micro, request, used};

#[derive(Clone, Debug)]
enum Act {
    Grant(i64),
    Adjust(i64),
    Hold { most: i64, backing: Backing },
    Settle { which: usize, amount: i64, payer: Payer },
    Release { which: usize },
    Expire { which: usize, sent: Sent, seconds: u64 },
    Refund { which: usize, amount: i64 },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let backing = prop_oneof![3 => Just(Backing::Credits), 1 => Just(Backing::Unlimited)];
    let payer = prop_oneof![3 => Just(Payer::Tenant), 1 => Just(Payer::Platform)];
    let sent = prop_oneof![Just(Sent::Nothing), Just(Sent::Something)];
    let which = 0..20_usize;
    let act = prop_oneof![
        (-5..1_000_i64).prop_map(Act::Grant),
        (-300..300_i64).prop_map(Act::Adjust),
        (0..400_i64, backing).prop_map(|(most, backing)| Act::Hold { most, backing }),
        (which.clone(), 0..600_i64, payer).prop_map(|(which, amount, payer)| Act::Settle {
            which,
            amount,
            payer
        }),
        which.clone().prop_map(|which| Act::Release { which }),
        (which.clone(), sent, 0..1_200_u64).prop_map(|(which, sent, seconds)| Act::Expire {
            which,
            sent,
            seconds
        }),
        (which, 0..400_i64).prop_map(|(which, amount)| Act::Refund { which, amount }),
    ];
    prop::collection::vec(act, 0..60)
}

/// The ledger as the rules see it.
#[derive(Default)]
struct Ledger {
    accounts: Accounts,
    entries: Vec<Entry>,
    holds: Vec<Hold>,
    charged: BTreeMap<HoldId, MicroCredits>,
    used: i64,
}

impl Ledger {
    fn hold(&self, which: usize) -> Result<&Hold, BillingError> {
        self.holds.get(which).ok_or(BillingError::NoSuchHold)
    }

    fn post(&mut self, entry: Entry) -> Result<(), BillingError> {
        self.accounts = self.accounts.after(&entry.postings)?;
        self.entries.push(entry);
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), BillingError> {
        let by = Grantor::default();
        match *act {
            Act::Grant(amount) => self.post(Entry::grant(&self.accounts, micro(amount), at(0), by)?),
            Act::Adjust(amount) => self.post(Entry::adjustment(&self.accounts, micro(amount), at(0), by)?),
            Act::Hold { most, backing } => {
                let request = request(self.holds.len() as u128, most, backing);
                let scene = Scene { accounts: self.accounts, ..Scene::default() };
                let (entry, _) = admit(&request, &scene)?;
                self.holds.push(hold_of(&request));
                self.post(entry)
            }
            Act::Settle { which, amount, payer } => {
                self.settle(which, &Settlement { usage: used(amount), payer, at: at(1) })
            }
            Act::Release { which } => {
                self.settle(which, &Settlement { usage: Vec::new(), payer: Payer::Tenant, at: at(1) })
            }
            Act::Expire { which, sent, seconds } => {
                let (entry, state) = expire(self.hold(which)?, sent, at(seconds))?;
                self.holds[which].state = state;
                self.post(entry)
            }
            Act::Refund { which, amount } => {
                let id = self.hold(which)?.id;
                let charged = self.charged.get(&id).copied().unwrap_or_default();
                let entry = Entry::refund(&self.accounts, id, charged, micro(amount), at(2), by)?;
                self.charged.insert(id, charged.minus(micro(amount))?);
                self.post(entry)
            }
        }
    }

    fn settle(&mut self, which: usize, settlement: &Settlement) -> Result<(), BillingError> {
        let Some((entry, state)) = settle(&self.accounts, self.hold(which)?, settlement)? else {
            return Ok(());
        };
        let hold = &mut self.holds[which];
        hold.state = state;
        self.charged.insert(hold.id, entry.postings.spent);
        self.used += settlement.usage.iter().map(|record| record.amount.micros()).sum::<i64>();
        self.post(entry)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_the_books(acts in acts()) {
        let mut ledger = Ledger::default();
        for act in &acts {
            let before = ledger.accounts;
            let kept = ledger.act(act);
            if kept.is_err() {
                prop_assert_eq!(ledger.accounts, before, "a refusal moved something: {:?}", act);
            }
            let sums = ledger.accounts.sums;
            prop_assert!(sums.is_balanced());
            prop_assert!(!sums.available.is_negative() && !sums.held.is_negative());
            prop_assert!(sums.overdraft <= MicroCredits::ZERO && !sums.spent.is_negative());
            let open = ledger.holds.iter().filter(|hold| hold.state == HoldState::Open);
            prop_assert_eq!(MicroCredits::sum(open.map(|hold| hold.amount)).unwrap(), sums.held);
        }
        let mut resolutions = BTreeMap::new();
        for entry in ledger.entries.iter().filter(|entry| entry.kind.resolves()) {
            // After an end by time, the operator's loss comes on top, once.
            *resolutions.entry(entry.hold).or_insert(0) += 1;
        }
        prop_assert!(resolutions.values().all(|count| *count <= 2));
        let of = |kind: fn(&Entry) -> i64| ledger.entries.iter().map(kind).sum::<i64>();
        let books = Books {
            accounts: ledger.accounts,
            entries: ledger.entries.len() as u64,
            sums: ledger.entries.iter().fold(Accounts::default(), |sums, entry| sums.after(&entry.postings).unwrap()).sums,
            open_holds: ledger.accounts.sums.held,
            settled: micro(of(|entry| match entry.kind {
                pm33_billing::EntryKind::Refund => 0,
                _ => entry.postings.spent.micros() + entry.postings.loss.micros(),
            })),
            used: micro(ledger.used),
            ..Books::default()
        };
        prop_assert_eq!(reconcile(&books), []);
    }
}
