"""Alert rules and routes by Prometheus's and Alertmanager's own tools: each cause fires its alert and no other."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
RULES = [ROOT / "deploy" / "prometheus" / name for name in ("recording_rules.yml", "alert_rules.yml")]
ROUTES = ROOT / "deploy" / "alertmanager" / "alertmanager.yml"
RUNBOOKS = ROOT / "docs" / "runbooks"

# A stack in good order: series that every case begins with, unless it gives its own of the same name and labels.
HEALTHY = {
    'up{job="loanstream-monitor"}': "1x400",
    'up{job="ray"}': "1x400",
    "loanstream_monitor_last_tick_timestamp_seconds": "0+15x400",
    "loanstream_monitor_audit_lag_records": "3x400",
    "loanstream_monitor_waiting_for_reference_count": "0x400",
    "loanstream_monitor_unreadable_records_total": "0x400",
    "loanstream_monitor_report_failures_total": "0x400",
    'loanstream_ledger_lag_records{topic="loan-audit"}': "3x400",
    "loanstream_ledger_last_step_timestamp_seconds": "0+15x400",
    'loanstream_ledger_unreadable_records_total{topic="loan-audit"}': "0x400",
    "loanstream_ledger_gap_offsets_total": "0x400",
    "loanstream_ledger_unmatched_answers_count": "0x400",
    "loanstream_ledger_unpublished_reviews_count": "0x400",
    "loanstream_reviews_due_soon_count": "0x400",
    "loanstream_reviews_overdue_count": "0x400",
    'loanstream_completeness_gap_offsets{topic="loan-applications",partition="0"}': "0x400",
    'loanstream_completeness_overlap_offsets{topic="loan-applications",partition="0"}': "0x400",
    "loanstream_completeness_checked_timestamp_seconds": "0+15x400",
    "loanstream_intake_lag_seconds": "0.5x400",
    "loanstream_intake_applications_total": "0+1500x400",
    'loanstream_decisions_total{door="kafka",outcome="approve",model_version="1"}': "0+1500x400",
    "loanstream_dead_letters_total": "0+1x400",
    'loanstream_decision_modes_total{mode="full"}': "0+1500x400",
    'loanstream_decision_modes_total{mode="history_unavailable"}': "0x400",
    'loanstream_end_to_end_seconds_bucket{door="kafka",le="1"}': "0+1500x400",
    'loanstream_end_to_end_seconds_bucket{door="kafka",le="+Inf"}': "0+1500x400",
    'loanstream_end_to_end_seconds_count{door="kafka"}': "0+1500x400",
    'ray_loanstream_http_requests_total{path="/predict",status="200"}': "0+1500x400",
    'ray_loanstream_http_requests_total{path="/predict",status="500"}': "0x400",
    "ray_loanstream_gateway_offsets_out_of_range_total": "0x400",
    "ray_loanstream_gateway_restarts_total": "1x400",
    'ray_loanstream_gateway_in_doubt_total{cause="network"}': "0x400",
    'ray_loanstream_gateway_in_doubt_total{cause="group"}': "0+1x400",
    "ray_loanstream_gateway_epoch_renewals_total": "3x400",
    "ray_loanstream_model_load_failures_total": "0x400",
    "ray_loanstream_additivity_failures_total": "0x400",
    "ray_loanstream_reason_counterfactual_failures_total": "0+30x400",
    'ray_serve_autoscaling_target_replicas{application="loanstream",deployment="Scorer"}': "2x400",
    'ray_serve_deployment_replica_healthy{application="loanstream",deployment="Scorer",replica="a"}': "1x400",
    'ray_serve_deployment_replica_healthy{application="loanstream",deployment="Scorer",replica="b"}': "1x400",
    'loanstream_window_decisions_count{window="short",model_version="1"}': "600x400",
    'loanstream_window_decisions_count{window="medium",model_version="1"}': "2000x400",
    'loanstream_feature_psi{window="short",against="training",feature="EXT_SOURCE_2"}': "0.1x400",
    'loanstream_feature_missing_shift_ratio{window="short",against="training",feature="EXT_SOURCE_2"}': "0.02x400",
    'loanstream_feature_unknown_category_ratio{window="medium",against="training",feature="CODE_GENDER"}': "0x400",
    'loanstream_score_psi{window="short",against="training"}': "0.05x400",
    'loanstream_reason_psi{window="medium",against="earlier",side="against"}': "0.05x400",
    'loanstream_window_outcome_ratio{window="medium",outcome="approve"}': "0.70x400",
    'loanstream_history_approval_ratio{window="medium"}': "0.68x400",
    'loanstream_performance_ratio{measure="gini",kind="realised",sample="matured"}': "0.50x400",
    'loanstream_performance_ratio{measure="gini",kind="estimated",sample="matured"}': "0.52x400",
    'loanstream_performance_ratio{measure="default_rate",kind="realised",sample="matured"}': "0.08x400",
    'loanstream_performance_ratio{measure="predicted_rate",kind="realised",sample="matured"}': "0.08x400",
    'loanstream_labelled_decisions_count{state="known"}': "900x400",
}


@dataclass(frozen=True)
class AlertCase:
    """Series that differ from HEALTHY (None: absent), and the alerts (name -> extra labels, summary) at `minute`."""

    series: dict[str, str | None]
    fires: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    minute: int = 30


SLOW = 'loanstream_end_to_end_seconds_bucket{door="kafka",le="1"}'
FEATURE = '{window="short",against="training",feature="EXT_SOURCE_2"}'
GENDER = '{window="medium",against="training",feature="CODE_GENDER"}'
SHORT = 'loanstream_window_decisions_count{window="short",model_version="1"}'
TARGET = 'ray_serve_deployment_replica_healthy{application="loanstream",deployment="Scorer",replica="%s"}'
UNANSWERED = "Requests of transactions went unanswered or were refused %d.00 times in 15 minutes"
SCORER = {"application": "loanstream", "deployment": "Scorer"}
CASES = {
    "all well": AlertCase({}),
    "2 % of decisions slow": AlertCase(
        {SLOW: "0+1470x400"},
        {
            "DecisionLatencyBurnFast": (
                {},
                "2.00 % of decisions took longer than 1 s; the budget of 0.10 % burns fast",
            ),
            "DecisionLatencyBurnSlow": (
                {},
                "2.00 % of the last day's decisions took longer than 1 s; 0.10 % is the objective",
            ),
        },
    ),
    "0.4 % of decisions slow": AlertCase(
        {SLOW: "0+1494x400"},
        {
            "DecisionLatencyBurnSlow": (
                {},
                "0.40 % of the last day's decisions took longer than 1 s; 0.10 % is the objective",
            )
        },
    ),
    "0.2 % of decisions slow": AlertCase({SLOW: "0+1497x400"}),
    "a quarter of an hour of slow decisions that is over spends budget, but wakes nobody": AlertCase(
        {SLOW: "0+1500x60 91350+1350x59 172500+1500x280"},
        {
            "DecisionLatencyBurnSlow": (
                {},
                "2.34 % of the last day's decisions took longer than 1 s; 0.10 % is the objective",
            )
        },
        64,
    ),
    "2 % of requests fail": AlertCase(
        {'ray_loanstream_http_requests_total{path="/predict",status="500"}': "0+30.6122449x400"},
        {
            "HttpAvailabilityBurnFast": (
                {},
                "2.00 % of HTTP requests ended in a server error; the budget of 0.10 % burns fast",
            ),
            "HttpAvailabilityBurnSlow": (
                {},
                "2.00 % of the last day's HTTP requests ended in a server error; 0.10 % is the objective",
            ),
        },
    ),
    "requests refused for overload": AlertCase(
        {'ray_loanstream_http_requests_total{path="/predict",status="429"}': "0+90x400"}
    ),
    "no HTTP request at all": AlertCase(
        {
            'ray_loanstream_http_requests_total{path="/predict",status="200"}': None,
            'ray_loanstream_http_requests_total{path="/predict",status="500"}': None,
        }
    ),
    "lag of 45 s": AlertCase(
        {"loanstream_intake_lag_seconds": "45x400"},
        {"IntakeLagging": ({}, "The oldest application has waited 45.00 s for a decision")},
    ),
    "lag of 400 s": AlertCase(
        {"loanstream_intake_lag_seconds": "400x400"},
        {"IntakeStuck": ({}, "The oldest application has waited 400.00 s for a decision")},
    ),
    "applications without an answer, a minute ago": AlertCase(
        {'loanstream_completeness_gap_offsets{topic="loan-applications",partition="0"}': "0x119 3x280"},
        {"CompletenessGap": ({}, "3.00 consumed applications have neither decision nor dead letter")},
    ),
    "applications answered twice, a minute ago": AlertCase(
        {'loanstream_completeness_overlap_offsets{topic="loan-applications",partition="0"}': "0x119 2x280"},
        {"CompletenessOverlap": ({}, "2.00 applications were answered more than once")},
    ),
    "completeness was checked, and is not any more": AlertCase(
        {"loanstream_completeness_checked_timestamp_seconds": "0+15x40 600x360"},
        {
            "CompletenessUnchecked": (
                {},
                "Committed offsets were not reconciled for 1200.00 s (1.00: never since the start)",
            )
        },
    ),
    "completeness was never checked": AlertCase(
        {"loanstream_completeness_checked_timestamp_seconds": None},
        {
            "CompletenessUnchecked": (
                {},
                "Committed offsets were not reconciled for 1.00 s (1.00: never since the start)",
            )
        },
    ),
    "gateways dead": AlertCase(
        {
            'loanstream_decisions_total{door="kafka",outcome="approve",model_version="1"}': "0+1500x80 120000x320",
        },
        {"NoDecisions": ({}, "100.00 applications a second arrive and none is decided")},
    ),
    "no decision was ever taken": AlertCase(
        {'loanstream_decisions_total{door="kafka",outcome="approve",model_version="1"}': None},
        {"NoDecisions": ({}, "100.00 applications a second arrive and none is decided")},
    ),
    "nothing arrives": AlertCase(
        {
            "loanstream_intake_applications_total": "100x400",
            'loanstream_decisions_total{door="kafka",outcome="approve",model_version="1"}': "100x400",
            "loanstream_dead_letters_total": "0x400",
        }
    ),
    "5 % dead letters": AlertCase(
        {"loanstream_dead_letters_total": "0+78.947368421x400"},
        {"DeadLetters": ({}, "5.00 % of applications became dead letters")},
    ),
    "applications lost to retention": AlertCase(
        {"ray_loanstream_gateway_offsets_out_of_range_total": "0x100 0+1x3 3x297"},
        {
            "ApplicationsLost": (
                {},
                "3.00 partitions had applications deleted by retention before they were decided",
            )
        },
    ),
    "gateways restarting": AlertCase(
        {"ray_loanstream_gateway_restarts_total": "0+1x400"},
        {"GatewayRestarting": ({}, "Gateways started again 60.00 times in 15 minutes")},
    ),
    "connections that break, and no session with them": AlertCase(
        {"ray_loanstream_gateway_epoch_renewals_total": "0+0.5x400"},
        {"BrokerLinkUnreliable": ({}, UNANSWERED % 30)},
    ),
    "connections that break, and transactions with them": AlertCase(
        {
            'ray_loanstream_gateway_in_doubt_total{cause="network"}': "0+0.25x400",
            'ray_loanstream_gateway_in_doubt_total{cause="fenced"}': "0+0.25x400",
        },
        {"BrokerLinkUnreliable": ({}, UNANSWERED % 30)},
    ),
    "a broker restarted: a few transactions in doubt": AlertCase(
        {
            'ray_loanstream_gateway_in_doubt_total{cause="network"}': "0x60 4x340",
            "ray_loanstream_gateway_epoch_renewals_total": "3x60 6x340",
        }
    ),
    "one of two replicas gone": AlertCase(
        {TARGET % "b": "1x80 0x320"},
        {"ReplicasBelowMinimum": (SCORER, "Scorer lacks 1.00 healthy replicas")},
    ),
    "no replica left": AlertCase(
        {TARGET % "a": None, TARGET % "b": None},
        {"ReplicasBelowMinimum": (SCORER, "Scorer lacks 2.00 healthy replicas")},
    ),
    "a target down": AlertCase(
        {'up{job="ray"}': "1x80 0x320"}, {"TargetDown": ({"job": "ray"}, "1.00 targets of ray do not answer")}
    ),
    "history store away": AlertCase(
        {'loanstream_decision_modes_total{mode="history_unavailable"}': "0+1500x400"},
        {"DegradedDecisions": ({}, "50.00 % of decisions are made without history or without reasons")},
    ),
    "registry away": AlertCase(
        {"ray_loanstream_model_load_failures_total": "0+1x400"},
        {"ModelLoadsFailing": ({}, "40.00 looks at the model registry failed in 10 minutes")},
    ),
    "monitor hangs": AlertCase(
        {"loanstream_monitor_last_tick_timestamp_seconds": "0+15x80 1200x320"},
        {"MonitorStale": ({}, "The monitor has computed nothing for 600.00 s (1.00: it is not there at all)")},
    ),
    "monitor gone": AlertCase(
        {"loanstream_monitor_last_tick_timestamp_seconds": None},
        {"MonitorStale": ({}, "The monitor has computed nothing for 1.00 s (1.00: it is not there at all)")},
    ),
    "monitor behind": AlertCase(
        {"loanstream_monitor_audit_lag_records": "5000x400"},
        {"MonitorBehind": ({}, "The monitor is 5000.00 audit records behind")},
    ),
    "ledger behind": AlertCase(
        {'loanstream_ledger_lag_records{topic="loan-audit"}': "5000x400"},
        {"LedgerBehind": ({"topic": "loan-audit"}, "5000.00 audit records wait for the ledger")},
    ),
    "ledger stale": AlertCase(
        {"loanstream_ledger_last_step_timestamp_seconds": "0x400"},
        {
            "LedgerStale": (
                {},
                "The ledger has neither stored nor found nothing to store for 1800.00 s",
            )
        },
    ),
    "unreadable records in the ledger": AlertCase(
        {'loanstream_ledger_unreadable_records_total{topic="loan-audit"}': "0+1x400"},
        {"LedgerUnreadable": ({}, "60.00 records could not be read into the ledger in 15 minutes")},
    ),
    "records gone before the ledger read them": AlertCase(
        {"loanstream_ledger_gap_offsets_total": "0+1x400"},
        {"LedgerGap": ({}, "120.00 offsets were gone from a topic before the ledger had read them")},
    ),
    "answers without an audit record": AlertCase(
        {"loanstream_ledger_unmatched_answers_count": "2x400"},
        {"LedgerUnmatched": ({}, "2.00 published decisions have no audit record")},
    ),
    "reviews unpublished": AlertCase(
        {"loanstream_ledger_unpublished_reviews_count": "3x400"},
        {"ReviewsUnpublished": ({}, "3.00 results of reviews are not on loan-reviews yet")},
    ),
    "reviews due soon": AlertCase(
        {"loanstream_reviews_due_soon_count": "4x400"},
        {"ReviewsDueSoon": ({}, "4.00 reviews are in the last quarter of their time")},
    ),
    "reviews overdue": AlertCase(
        {"loanstream_reviews_overdue_count": "5x400"},
        {"ReviewsOverdue": ({}, "5.00 reviews are past their time")},
    ),
    "unreadable audit records": AlertCase(
        {"loanstream_monitor_unreadable_records_total": "0+1x400"},
        {"AuditUnreadable": ({}, "60.00 audit records could not be read in 15 minutes")},
    ),
    "reference missing": AlertCase(
        {"loanstream_monitor_waiting_for_reference_count": "1x400"},
        {"ReferenceMissing": ({}, "The reference of 1.00 model versions cannot be had; their drift is not watched")},
    ),
    "reports fail": AlertCase(
        {"loanstream_monitor_report_failures_total": "0x60 4x340"},
        {"ReportsFailing": ({}, "4.00 drift reports failed in two hours")},
    ),
    "a feature drifts": AlertCase(
        {f"loanstream_feature_psi{FEATURE}": "0.31x400", f"loanstream_feature_values_count{FEATURE}": "500x400"},
        {
            "FeatureDrift": (
                {"feature": "EXT_SOURCE_2"},
                "EXT_SOURCE_2 has drifted from training: PSI 0.31",
            )
        },
    ),
    "a feature drifts in too small a window": AlertCase(
        {
            f"loanstream_feature_psi{FEATURE}": "0.31x400",
            f"loanstream_feature_values_count{FEATURE}": "499x400",
            SHORT: "499x400",
        }
    ),
    "a feature that few applicants have drifts": AlertCase(
        {f"loanstream_feature_psi{FEATURE}": "0.31x400", f"loanstream_feature_values_count{FEATURE}": "499x400"}
    ),
    "a feature goes missing": AlertCase(
        {f"loanstream_feature_missing_shift_ratio{FEATURE}": "0.33x400"},
        {
            "FeatureMissing": (
                {"feature": "EXT_SOURCE_2"},
                "EXT_SOURCE_2 is missing 33.00 percentage points more often than in training",
            )
        },
    ),
    "unknown categories": AlertCase(
        {
            f"loanstream_feature_unknown_category_ratio{GENDER}": "0.05x400",
        },
        {
            "UnknownCategories": (
                {"feature": "CODE_GENDER"},
                "5.00 % of CODE_GENDER are categories that the catalog lacks",
            )
        },
    ),
    "the score drifts": AlertCase(
        {'loanstream_score_psi{window="short",against="training"}': "0.40x400"},
        {"ScoreDrift": ({}, "The probability of default has drifted from training: PSI 0.40")},
    ),
    "the reasons drift": AlertCase(
        {'loanstream_reason_psi{window="medium",against="earlier",side="against"}': "0.30x400"},
        {"ReasonDrift": ({"side": "against"}, "Reasons against approval differ from the earlier week: PSI 0.30")},
    ),
    "approvals fall": AlertCase(
        {'loanstream_window_outcome_ratio{window="medium",outcome="approve"}': "0.50x400"},
        {
            "ApprovalRateShift": (
                {"window": "medium"},
                "The approval rate is 18.00 percentage points away from the earlier week's",
            )
        },
    ),
    "no earlier week": AlertCase({'loanstream_history_approval_ratio{window="medium"}': None}),
    "two model versions": AlertCase(
        {'loanstream_decisions_total{door="kafka",outcome="approve",model_version="2"}': "0+10x400"},
        {"MixedModelVersions": ({}, "2.00 model versions have decided side by side for more than 10 minutes")},
    ),
    "a promotion": AlertCase(
        {
            'loanstream_decisions_total{door="kafka",outcome="approve",model_version="1"}': "0+1500x110 165000x290",
            'loanstream_decisions_total{door="kafka",outcome="approve",model_version="2"}': "0x109 0+1500x291",
        }
    ),
    "realised performance drops": AlertCase(
        {'loanstream_performance_ratio{measure="gini",kind="realised",sample="matured"}': "0.40x400"},
        {"PerformanceDrop": ({}, "The realised Gini of matured decisions is 12.00 points below its estimate")},
    ),
    "a drop on too few outcomes": AlertCase(
        {
            'loanstream_performance_ratio{measure="gini",kind="realised",sample="matured"}': "0.40x400",
            'loanstream_labelled_decisions_count{state="known"}': "100x400",
        }
    ),
    "more defaults than predicted": AlertCase(
        {'loanstream_performance_ratio{measure="default_rate",kind="realised",sample="matured"}': "0.12x400"},
        {"CalibrationGone": ({}, "Matured applicants default 1.50 times as often as predicted")},
    ),
    "explanations do not add up": AlertCase(
        {"ray_loanstream_additivity_failures_total": "0+1x400"},
        {"ExplanationsNotAdditive": ({}, "60.00 explanations did not add up to their score in 15 minutes")},
    ),
    "reasons fail their check": AlertCase(
        {"ray_loanstream_reason_counterfactual_failures_total": "0+3000x400"},
        {"ReasonsFailCheck": ({}, "2.00 reasons a decision fail the check on the model")},
    ),
}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES[1].read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed; Debian's packages prometheus and prometheus-alertmanager have it")
    return path


def test_rules_are_valid() -> None:
    """`promtool check rules` takes every rule file."""
    subprocess.run([tool("promtool"), "check", "rules", *map(str, RULES)], check=True, capture_output=True)


def test_every_alert_says_what_how_bad_and_what_to_do() -> None:
    """Severity, team, a summary with the value in two decimals, and a runbook that exists and has all its sections."""
    for rule in rules():
        name = rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}, name
        assert rule["labels"]["team"] in {"sre", "model-risk", "credit"}, name
        assert 'printf "%.2f" $value' in rule["annotations"]["summary"], name
        assert rule["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
        page = (RUNBOOKS / f"{name}.md").read_text()
        for section in ("## What it means", "## What the applicant notices", "## What to look at", "## What to do"):
            assert section in page, (name, section)
    assert {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"} == {rule["alert"] for rule in rules()}


def test_every_alert_fires_in_some_case() -> None:
    """No rule is without a case that makes it fire."""
    assert {rule["alert"] for rule in rules()} == {name for case in CASES.values() for name in case.fires}


def test_each_cause_fires_its_alert_and_no_other(tmp_path: Path) -> None:
    """`promtool test rules` over every case, asking of every alert whether it fires."""
    labels = {rule["alert"]: rule["labels"] for rule in rules()}
    tests = []
    for name, case in CASES.items():
        series = {**HEALTHY, **case.series}
        expected = []
        for alert, fixed in labels.items():
            fires = []
            if alert in case.fires:
                more, summary = case.fires[alert]
                annotations = {"summary": summary, "runbook_url": f"docs/runbooks/{alert}.md"}
                fires = [{"exp_labels": {**fixed, **more}, "exp_annotations": annotations}]
            expected.append({"eval_time": f"{case.minute}m", "alertname": alert, "exp_alerts": fires})
        tests.append(
            {
                "name": name,
                "interval": "15s",
                "input_series": [{"series": k, "values": v} for k, v in series.items() if v is not None],
                "alert_rule_test": expected,
            }
        )
    path = tmp_path / "tests.yml"
    # Without an order promtool evaluates groups as it likes, and an alert reads a ratio of now or of a minute ago.
    order = [group["name"] for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    document = {"rule_files": list(map(str, RULES)), "evaluation_interval": "1m", "group_eval_order": order}
    path.write_text(yaml.safe_dump(document | {"tests": tests}))
    done = subprocess.run([tool("promtool"), "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_routes_are_valid() -> None:
    """`amtool check-config` takes Alertmanager's configuration."""
    subprocess.run([tool("amtool"), "check-config", str(ROUTES)], check=True, capture_output=True)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_every_alert_reaches_its_team(rule: dict[str, Any]) -> None:
    """A critical alert goes to the team's pager, a warning to its inbox; none falls through to the default."""
    labels = {"alertname": rule["alert"], **rule["labels"]}
    receiver = {"sre": "operations", "model-risk": "model-risk", "credit": "credit"}[labels["team"]]
    if labels["severity"] == "critical":
        receiver += "-pager"
    command = [tool("amtool"), "config", "routes", "test", f"--config.file={ROUTES}", f"--verify.receivers={receiver}"]
    done = subprocess.run(
        [*command, *(f"{k}={v}" for k, v in labels.items())], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
