"""DICOM services, durability, scheduling and people; composes the rest.

What it knows: associations (PS3.4, PS3.7, PS3.8), the ledger, the instance store,
when a study is ready, who is told what and when.

What it never knows: voxel arithmetic, the attributes of IODs.

Invariants
----------
1. C-STORE is answered 0x0000 only after the bytes are fsynced (file and directory) and
   the ledger row is committed. A crash before that costs the sender a resend.
2. A job's key is a hash of its input SOP Instances' content, of every outside value and
   setting that enters the result, and of the software version. The same key never makes
   a second result; a changed one makes a new revision that names its predecessor. A
   software upgrade alone triggers nothing; `replay` does.
3. Result files exist before their delivery rows; a resend sends the same bytes. UIDs
   derive from the key and all dates come from the job row, so that building a result
   twice gives the same bytes.
4. Every voxel array carries its Grid; two arrays combine only on equal grids.
5. Below `node/` a typed error carries a reason code; only `node.failure` turns it into
   Held. Waiting and Held are values with reasons, never silence. The node recognises
   its own results when a PACS routes them back, and does not score them.
6. Time, UIDs and equipment identity are arguments everywhere below `node/`.
7. Mutable pydicom Datasets never enter `model/`.

Side effects: `node.instance_store` and `node.data_folder` (files),
`node.injection_log.keeper` (reads the injection log), `node.ledger` (SQL),
`node.association` (the network), `node.compute.executor` and
`node.case.external_check` (processes), `node.logs` (the log), `node.clock` (time).
"""
