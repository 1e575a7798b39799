"""Which structure sets and segmentations of one PET series revise each other (pure).

Contouring stations write every save as a new object, and many as a new series. Two
objects are of one line of revisions when

1. they are of one series; or
2. one names the other as its predecessor; or
3. they are structure sets of one study with the same *Structure Set Label* and the same
   region names, and both say when they were saved.

Of a line the one stands that no other names as its predecessor, that was saved last,
and that came last where nothing says when it was saved. Where not even that tells two
apart, both stand: nothing is guessed.

Design choice: two readers are two results. Rule 3 never joins objects that name
different persons, and rule 2 only where the object names the one that stands: two
readers may begin with the same draft.

Design choice: an object that rule 3 would join to two lines joins neither.

Design choice: lines are formed in the order of receipt, so that what comes later never
takes a line apart; which object stands is decided by what they say. An old save that
arrives late joins the line and does not replace the newer one.

Design choice: segmentations have rules 1 and 2 alone; see `dicom_io.saved_as`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product

from dicom_io.header import InstanceHeader, ObjectKind, SavedAs
from node.records.lineage import Lineage
from node.records.objects import StoredInstance

_UNSAID = SavedAs()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NOUNS = {ObjectKind.SEGMENTATION: "segmentation"}


@dataclass(frozen=True)
class Overtaken:
    """Another object stands in the place of this one.

    Attributes
    ----------
    by : StoredInstance
    """

    by: StoredInstance


def lines_of(contours: Iterable[StoredInstance]) -> dict[str, Lineage | Overtaken]:
    """Return where each object stands, by SOP Instance UID.

    Parameters
    ----------
    contours : iterable of StoredInstance
        Structure sets and segmentations that belong to one PET series.
    """
    lines: list[_Line] = []
    for each in sorted(contours, key=_arrival):
        _join(lines, each)
    found: dict[str, Lineage | Overtaken] = {}
    for line in lines:
        found.update(line.places())
    return found


class _Line:
    """Objects that revise each other, in the order of receipt."""

    def __init__(self, first: StoredInstance) -> None:
        self.members = [first]

    def add(self, others: Iterable[StoredInstance]) -> None:
        self.members = sorted([*self.members, *others], key=_arrival)

    def standing(self) -> list[StoredInstance]:
        """Return the one that stands; several where nothing tells which is later."""
        named = {uid for each in self.members for uid in _named(each)}
        last = [each for each in self.members if _uid(each) not in named]
        last = last or self.members
        last = [
            each
            for each in last
            if not any(_is_saved_after(other, each) for other in last)
        ]
        received = max(each.received_at for each in last)
        return [each for each in last if each.received_at == received]

    def is_of_others(self, members: Iterable[StoredInstance]) -> bool:
        """Return whether a member and one of some objects name different persons."""
        return any(_other_person(*pair) for pair in product(self.members, members))

    def continues_by_name(self, one: StoredInstance) -> bool:
        """Return whether an object and the line are joined by a predecessor."""
        if _name(self.members, one):
            return True
        named = any(_name([one], each) for each in self.members)
        return named and (self.is_revised_by(one) or not self.is_of_others([one]))

    def is_revised_by(self, one: StoredInstance) -> bool:
        """Return whether an object names the one that stands as its predecessor."""
        return any(_name([one], each) for each in self.standing())

    def is_like(self, one: StoredInstance) -> bool:
        return not self.is_of_others([one]) and any(
            _are_alike(each.header, one.header) for each in self.members
        )

    def places(self) -> Iterator[tuple[str, Lineage | Overtaken]]:
        standing = self.standing()
        over = [each for each in self.members if each not in standing]
        series = dict.fromkeys(each.header.series_instance_uid for each in self.members)
        passed_over = tuple(_uid(each) for each in over)
        for each in over:
            yield _uid(each), Overtaken(standing[0])
        for each in standing:
            said = tuple(self._said(each, over, standing))
            yield _uid(each), Lineage(tuple(series), passed_over, said)

    def _said(
        self,
        one: StoredInstance,
        over: Sequence[StoredInstance],
        standing: Sequence[StoredInstance],
    ) -> Iterator[str]:
        """Give in sentences what an object takes the place of, rule by rule."""
        this = f"This {_NOUNS.get(one.header.kind, 'structure set')}"
        by_series, by_name, by_label = self._by_rule(one, over)
        if by_series:
            yield f"{this} takes the place of {by_series}: of the same series."
        if by_name:
            yield f"{this} takes the place of {by_name}: joined as predecessors."
        if by_label:
            yield (
                f"{this} was taken as a revision of {by_label}: same label and regions."
            )
        beside = ", ".join(_uid(each) for each in standing if each is not one)
        if beside:
            yield (
                f"{this} stands beside {beside}: one revises the other, and nothing "
                "says which."
            )

    def _by_rule(
        self, one: StoredInstance, over: Iterable[StoredInstance]
    ) -> tuple[str, str, str]:
        members = {_uid(each) for each in self.members}
        naming = {_uid(each) for each in self.members if members & {*_named(each)}}
        joined = naming | {uid for each in self.members for uid in _named(each)}
        saves = Counter(each.header.series_instance_uid for each in self.members)
        found: tuple[list[str], list[str], list[str]] = ([], [], [])
        for each in over:
            series = each.header.series_instance_uid
            if series == one.header.series_instance_uid:
                found[0].append(_uid(each))
            elif saves[series] > 1 or _uid(each) in joined:
                found[1].append(_uid(each))
            else:
                found[2].append(_uid(each))
        by_series, by_name, by_label = (", ".join(uids) for uids in found)
        return by_series, by_name, by_label


def _join(lines: list[_Line], one: StoredInstance) -> None:
    """Enter an object into its line, which may bring several together."""
    joined = [line for line in lines if _is_of_series(one, line.members)]
    joined += [
        line for line in lines if line not in joined and line.continues_by_name(one)
    ]
    if not joined:
        alike = [line for line in lines if line.is_like(one)]
        joined = alike if len(alike) == 1 else []
    if not joined:
        lines.append(_Line(one))
        return
    line, *others = joined
    line.add([one])
    for other in others:
        stands = one in line.standing() and _name(other.members, one)
        explicit = stands or other.is_revised_by(one)
        if explicit or not line.is_of_others(other.members):
            line.add(other.members)
            lines.remove(other)


def _is_of_series(one: StoredInstance, others: Iterable[StoredInstance]) -> bool:
    series = one.header.series_instance_uid
    return any(each.header.series_instance_uid == series for each in others)


def _name(members: Iterable[StoredInstance], one: StoredInstance) -> bool:
    """Return whether any of some objects names another as its predecessor."""
    return any(_uid(one) in _named(each) for each in members)


def _are_alike(one: InstanceHeader, other: InstanceHeader) -> bool:
    """Return whether the third rule joins two objects, persons apart."""
    kinds = {one.kind, other.kind}
    if kinds != {ObjectKind.STRUCTURE_SET} or not _comparable(one, other):
        return False
    label = _saved(one).label
    return (
        bool(label)
        and label == _saved(other).label
        and one.study_instance_uid == other.study_instance_uid
        and bool(_regions(one))
        and _regions(one) == _regions(other)
    )


def _is_saved_after(one: StoredInstance, other: StoredInstance) -> bool:
    if not _comparable(one.header, other.header):
        return False
    mine, theirs = _saved(one.header).saved_at, _saved(other.header).saved_at
    return mine is not None and theirs is not None and mine > theirs


def _comparable(one: InstanceHeader, other: InstanceHeader) -> bool:
    """Return whether both say when they were saved, on clocks of one kind."""
    mine, theirs = _saved(one), _saved(other)
    both = mine.saved_at is not None and theirs.saved_at is not None
    return both and mine.in_utc == theirs.in_utc


def _other_person(one: StoredInstance, other: StoredInstance) -> bool:
    mine, theirs = _saved(one.header), _saved(other.header)
    said = (
        (mine.operator, theirs.operator),
        (mine.interpreters, theirs.interpreters),
    )
    return any(a and b and a != b for a, b in said)


def _arrival(one: StoredInstance) -> tuple[datetime, datetime, str]:
    return one.received_at, _saved(one.header).saved_at or _LONG_AGO, _uid(one)


def _regions(header: InstanceHeader) -> set[str]:
    return set() if header.drawn_on is None else set(header.drawn_on.roi_names) - {""}


def _named(one: StoredInstance) -> tuple[str, ...]:
    uid = _uid(one)
    return tuple(each for each in _saved(one.header).predecessors if each != uid)


def _saved(header: InstanceHeader) -> SavedAs:
    return header.saved_as or _UNSAID


def _uid(one: StoredInstance) -> str:
    return one.header.sop_instance_uid
