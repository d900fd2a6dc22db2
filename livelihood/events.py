"""The kinds of request event, and the model of each kind's data.

A request event states one fact about one issue; envelope.py holds the CloudEvent it travels in.
"""

from enum import IntEnum

from livelihood.event_data import (
    AbsorbedData,
    AcceptedData,
    AcknowledgedData,
    AssignedData,
    ClosedData,
    CommentedData,
    ContestAnsweredData,
    ContestedData,
    CorrectedData,
    Data,
    ExtensionAskedData,
    ExtensionGrantedData,
    ExtensionRefusedData,
    FollowedUpData,
    MergedData,
    NumberedData,
    PausedData,
    ProgressReportedData,
    RatedData,
    ReclassifiedData,
    RejectedData,
    ReopenedData,
    ResolvedData,
    ResumedData,
    ReturnedData,
    SubmittedData,
    TransferAcceptedData,
    TransferOfferedData,
    VisitRecordedData,
    WithdrawnData,
)


class Kind(IntEnum):
    """What an event says. The value is its rank among events of one instant: causes before effects."""

    SUBMITTED = 0
    ACCEPTED = 1
    ASSIGNED = 2
    TRANSFER_OFFERED = 3
    TRANSFER_ACCEPTED = 4
    RETURNED = 5
    RECLASSIFIED = 6
    PAUSED = 7
    RESUMED = 8
    EXTENSION_ASKED = 9
    EXTENSION_GRANTED = 10
    EXTENSION_REFUSED = 11
    PROGRESS_REPORTED = 12
    VISIT_RECORDED = 13
    COMMENTED = 14
    FOLLOWED_UP = 15
    ABSORBED = 16
    RESOLVED = 17
    REJECTED = 18
    WITHDRAWN = 19
    MERGED = 20
    CLOSED = 21
    REOPENED = 22
    RATED = 23
    CORRECTED = 24
    #: A part of a bundle opened or settled. Derived while folding, never on the wire.
    PART = 25
    NUMBERED = 26
    ACKNOWLEDGED = 27
    CONTESTED = 28
    CONTEST_ANSWERED = 29

    @property
    def word(self) -> str:
        """The kind as it is written in a type, a table of the life cycle or a page."""
        return self.name.lower()


DATA_MODELS: dict[Kind, type[Data]] = {
    Kind.SUBMITTED: SubmittedData,
    Kind.ACCEPTED: AcceptedData,
    Kind.ASSIGNED: AssignedData,
    Kind.TRANSFER_OFFERED: TransferOfferedData,
    Kind.TRANSFER_ACCEPTED: TransferAcceptedData,
    Kind.RETURNED: ReturnedData,
    Kind.RECLASSIFIED: ReclassifiedData,
    Kind.PAUSED: PausedData,
    Kind.RESUMED: ResumedData,
    Kind.EXTENSION_ASKED: ExtensionAskedData,
    Kind.EXTENSION_GRANTED: ExtensionGrantedData,
    Kind.EXTENSION_REFUSED: ExtensionRefusedData,
    Kind.PROGRESS_REPORTED: ProgressReportedData,
    Kind.VISIT_RECORDED: VisitRecordedData,
    Kind.COMMENTED: CommentedData,
    Kind.FOLLOWED_UP: FollowedUpData,
    Kind.ABSORBED: AbsorbedData,
    Kind.RESOLVED: ResolvedData,
    Kind.REJECTED: RejectedData,
    Kind.WITHDRAWN: WithdrawnData,
    Kind.MERGED: MergedData,
    Kind.CLOSED: ClosedData,
    Kind.REOPENED: ReopenedData,
    Kind.RATED: RatedData,
    Kind.CORRECTED: CorrectedData,
    Kind.NUMBERED: NumberedData,
    Kind.ACKNOWLEDGED: AcknowledgedData,
    Kind.CONTESTED: ContestedData,
    Kind.CONTEST_ANSWERED: ContestAnsweredData,
}
