//! The plainest order, to set aside what was told before, in other languages.

use super::Detection;

/// What sets aside, and what is set aside: both, near each other.
const PAIRS: &[(&[&str], &[&str])] = &[
    // Spanish, Portuguese
    (
        &["ignora", "ignore", "olvida", "descarta", "omite", "esquece", "desconsidere", "desconsidera"],
        &[
            "instrucciones anteriores",
            "instrucciones previas",
            "instruções anteriores",
            "instrucoes anteriores",
            "indicaciones anteriores",
            "órdenes anteriores",
            "tus instrucciones",
            "suas instruções",
            "instrucciones del sistema",
            "instrucciones que",
            "ordens anteriores",
        ],
    ),
    // French
    (
        &["ignore", "ignorez", "oublie", "oubliez", "ne tiens pas compte", "ne tenez pas compte"],
        &[
            "instructions précédentes",
            "instructions precedentes",
            "consignes précédentes",
            "instructions ci-dessus",
            "tes instructions",
            "vos instructions",
            "consignes ci-dessus",
            "directives précédentes",
        ],
    ),
    // German
    (
        &["ignoriere", "ignorieren sie", "vergiss", "vergessen sie", "missachte", "beachte nicht"],
        &[
            "vorherigen anweisungen",
            "bisherigen anweisungen",
            "obigen anweisungen",
            "vorigen anweisungen",
            "deine anweisungen",
            "ihre anweisungen",
            "alle anweisungen",
            "vorherigen instruktionen",
            "bisherigen vorgaben",
            "systemprompt",
        ],
    ),
    // Italian
    (
        &["ignora", "dimentica", "ignorate", "tralascia"],
        &["istruzioni precedenti", "istruzioni di cui sopra", "tue istruzioni", "le istruzioni"],
    ),
    // Dutch
    (
        &["negeer", "vergeet"],
        &[
            "vorige instructies",
            "bovenstaande instructies",
            "eerdere instructies",
            "alle instructies",
            "je instructies",
        ],
    ),
    // Polish
    (
        &["zignoruj", "ignoruj", "zapomnij"],
        &[
            "poprzednie instrukcje",
            "wcześniejsze instrukcje",
            "poprzednich instrukcji",
            "wszystkie instrukcje",
        ],
    ),
    // Russian
    (
        &["игнорируй", "игнорируйте", "проигнорируй", "забудь", "забудьте"],
        &[
            "предыдущие инструкции",
            "все инструкции",
            "прежние инструкции",
            "предыдущих инструкци",
            "указания выше",
            "предыдущие указания",
        ],
    ),
    // Turkish
    (&["yoksay", "görmezden gel", "unut"], &["önceki talimat", "yukarıdaki talimat", "tüm talimat"]),
    // Chinese
    (
        &["忽略", "无视", "忘记", "忽視", "無視"],
        &[
            "之前的指令",
            "以上指令",
            "先前的指令",
            "之前所有",
            "上述指令",
            "以上所有",
            "前面的指示",
            "之前的指示",
            "系统提示",
            "先前指令",
            "所有指令",
        ],
    ),
    // Japanese
    (
        &["無視", "忘れ"],
        &[
            "以前の指示",
            "前の指示",
            "上記の指示",
            "これまでの指示",
            "すべての指示",
            "以前の命令",
            "システムプロンプト",
        ],
    ),
    // Korean
    (&["무시", "잊어"], &["이전 지시", "이전의 지시", "위의 지시", "모든 지시", "이전 명령", "앞의 지시"]),
    // Arabic
    (&["تجاهل", "انس"], &["التعليمات السابقة", "جميع التعليمات", "الأوامر السابقة", "التعليمات أعلاه"]),
    // Hindi
    (&["अनदेखा", "नज़रअंदाज़", "भूल"], &["पिछले निर्देश", "पिछले सभी निर्देश", "सभी निर्देश", "उपरोक्त निर्देश"]),
];

/// Looks at a case-folded text.
pub(super) fn look(text: &str, found: &mut Detection) {
    let is_there = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if PAIRS.iter().any(|(aside, told)| is_there(told) && is_there(aside)) {
        found.add("override_foreign", 60);
    }
}
