from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DecideRequest(_message.Message):
    __slots__ = ("applications",)
    APPLICATIONS_FIELD_NUMBER: _ClassVar[int]
    applications: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, applications: _Optional[_Iterable[bytes]] = ...) -> None: ...

class DecideReply(_message.Message):
    __slots__ = ("decisions",)
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[Decision]
    def __init__(self, decisions: _Optional[_Iterable[_Union[Decision, _Mapping]]] = ...) -> None: ...

class ExplainRequest(_message.Message):
    __slots__ = ("sk_id_curr",)
    SK_ID_CURR_FIELD_NUMBER: _ClassVar[int]
    sk_id_curr: int
    def __init__(self, sk_id_curr: _Optional[int] = ...) -> None: ...

class ExplainReply(_message.Message):
    __slots__ = ("decision", "base_value", "raw_score", "contributions")
    class ContributionsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: float
        def __init__(self, key: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...
    DECISION_FIELD_NUMBER: _ClassVar[int]
    BASE_VALUE_FIELD_NUMBER: _ClassVar[int]
    RAW_SCORE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    decision: Decision
    base_value: float
    raw_score: float
    contributions: _containers.ScalarMap[str, float]
    def __init__(self, decision: _Optional[_Union[Decision, _Mapping]] = ..., base_value: _Optional[float] = ..., raw_score: _Optional[float] = ..., contributions: _Optional[_Mapping[str, float]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("schema_version", "decision_id", "application_id", "sk_id_curr", "outcome", "probability_of_default", "score_points", "threshold", "reasons", "model", "policy_digest", "mode", "history", "submitted_at", "decided_at")
    SCHEMA_VERSION_FIELD_NUMBER: _ClassVar[int]
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    APPLICATION_ID_FIELD_NUMBER: _ClassVar[int]
    SK_ID_CURR_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_OF_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    SCORE_POINTS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    POLICY_DIGEST_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_AT_FIELD_NUMBER: _ClassVar[int]
    DECIDED_AT_FIELD_NUMBER: _ClassVar[int]
    schema_version: int
    decision_id: str
    application_id: str
    sk_id_curr: int
    outcome: str
    probability_of_default: float
    score_points: int
    threshold: float
    reasons: _containers.RepeatedCompositeFieldContainer[Reason]
    model: DecidingModel
    policy_digest: str
    mode: str
    history: bool
    submitted_at: int
    decided_at: int
    def __init__(self, schema_version: _Optional[int] = ..., decision_id: _Optional[str] = ..., application_id: _Optional[str] = ..., sk_id_curr: _Optional[int] = ..., outcome: _Optional[str] = ..., probability_of_default: _Optional[float] = ..., score_points: _Optional[int] = ..., threshold: _Optional[float] = ..., reasons: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ..., model: _Optional[_Union[DecidingModel, _Mapping]] = ..., policy_digest: _Optional[str] = ..., mode: _Optional[str] = ..., history: _Optional[bool] = ..., submitted_at: _Optional[int] = ..., decided_at: _Optional[int] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("code", "subject", "text", "share", "feature", "value", "typical")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    TYPICAL_FIELD_NUMBER: _ClassVar[int]
    code: str
    subject: str
    text: str
    share: float
    feature: str
    value: _struct_pb2.Value
    typical: _struct_pb2.Value
    def __init__(self, code: _Optional[str] = ..., subject: _Optional[str] = ..., text: _Optional[str] = ..., share: _Optional[float] = ..., feature: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., typical: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class DecidingModel(_message.Message):
    __slots__ = ("name", "version", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    digest: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...
