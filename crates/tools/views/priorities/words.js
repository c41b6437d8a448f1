// Methods, inputs and reasons in words.

const METHODS = {
  wsjf: ["WSJF", "(business value + time criticality + risk reduction) ÷ job size"],
  rice: ["RICE", "reach × impact × confidence ÷ effort"],
  ice: ["ICE", "the geometric mean of impact, confidence and ease"],
  moscow: ["MoSCoW", "must 8, should 4, could 2, won’t 1"],
  technical_risk: ["Technical risk", "likelihood × blast radius × growth ÷ (detectability × size)"],
};

const PARTS = {
  business_value: ["Business value", "blue"],
  time_criticality: ["Time criticality", "teal"],
  risk_reduction: ["Risk reduction", "amber"],
  alignment: ["Objectives", "violet"],
  threat: ["Competition", "rose"],
  inherited: ["Unblocks others", "slate"],
  reach: ["Reach", "blue"],
  impact: ["Impact", "teal"],
  confidence: ["Confidence", "amber"],
  ease: ["Ease", "blue"],
  effort: ["Effort", "slate"],
  size: ["Size", "slate"],
  moscow_class: ["MoSCoW class", "blue"],
  likelihood: ["Likelihood", "blue"],
  blast_radius: ["Blast radius", "teal"],
  growth: ["Growth", "amber"],
  detectability: ["Detectability", "violet"],
};

const TIER_REASONS = {
  place: "by its place in the ranking",
  nothing_known: "nothing is known of its value",
  kept: "its place is near an end, so it keeps the tier that it had",
  critical_floor: "declared critical, so never below P1",
  deadline_floor: "due soon or overdue, so never below P1",
};

const partName = (part) => PARTS[part]?.[0] ?? part.replaceAll("_", " ");
const partColour = (part) => `var(--${PARTS[part]?.[1] ?? "slate"})`;

/** A number of a score or an input, as exact as a person needs it. */
function scoreText(value) {
  const digits = Math.abs(value) < 100 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  return intl(Intl.NumberFormat, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

function firmness(tau) {
  if (tau >= 0.8) return "firm";
  return tau >= 0.5 ? "fairly firm" : "loose";
}
