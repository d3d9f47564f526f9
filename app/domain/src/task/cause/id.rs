//! Which causes are there for a task? Each with a name that stays, a word, a colour, a silhouette and a heading.

use crate::cause::named_causes;

named_causes! {
    CauseId;
    // Its pods are not made
    Incomplete, "incomplete", "Incomplete", Bad, "failed", "It was made only in part";
    BeingScheduled, "being-scheduled", "Starting", Calm, "provisioning", "It is being started";
    ControllerSilent, "controller-silent", "No answer yet", Wait, "provisioning", "Nobody has begun to start it";
    Suspended, "suspended", "On hold", Wait, "firstuse", "It is on hold";
    QuotaReached, "task-quota-reached", "Waits for quota", Bad, "failed", "The quota is used up";
    LimitRefused, "limit-refused", "Cannot start", Bad, "failed", "It asks for more than one task may have";
    RulesRefused, "rules-refused", "Cannot start", Bad, "failed", "The cluster's rules refuse its pods";
    // They have no node
    WaitsForVolume, "waits-for-volume", "Waits for a volume", Calm, "firstuse", "It waits for its volume";
    VolumeNotReady, "volume-not-ready", "Cannot start", Bad, "failed", "Its volume is not ready";
    VolumeGone, "volume-gone", "Cannot start", Bad, "lost", "Its volume is not there";
    VolumeLeaving, "volume-leaving", "Cannot start", Bad, "leaving", "Its volume is being deleted";
    VolumeElsewhere, "volume-elsewhere", "Cannot be placed", Bad, "failed", "Its volume lies on a node where it cannot run";
    VolumeInUse, "volume-in-use", "Waits for a volume", Wait, "firstuse", "Its volume is in use elsewhere";
    NoGpu, "no-gpu", "Waits for a GPU", Wait, "firstuse", "No node has enough free GPUs";
    NoMemory, "no-memory", "Waits for memory", Wait, "firstuse", "No node has enough free memory";
    NoCpu, "no-cpu", "Waits for CPUs", Wait, "firstuse", "No node has enough free CPUs";
    NoDisk, "no-disk", "Waits for disk", Wait, "firstuse", "No node has enough free space on its disk";
    NodesFull, "nodes-full", "Waits for a node", Wait, "firstuse", "Every node has as many pods as it may";
    TooLarge, "too-large", "Cannot be placed", Bad, "failed", "No node is large enough for it";
    NoSuchNode, "no-such-node", "Cannot be placed", Bad, "failed", "No node is of the kind that it asks for";
    NodesReserved, "nodes-reserved", "Cannot be placed", Wait, "firstuse", "The nodes are kept for others";
    NodesAway, "nodes-away", "Waits for a node", Wait, "firstuse", "The nodes are being looked after";
    NotPlaced, "not-placed", "Waits for a node", Wait, "firstuse", "It waits for a node";
    SchedulerSilent, "scheduler-silent", "No answer yet", Wait, "provisioning", "Nobody looks for a node";
    // They have a node and do not start
    BeingPrepared, "being-prepared", "Starting", Calm, "provisioning", "Its node makes it ready";
    PreparedSlowly, "prepared-slowly", "Starting slowly", Wait, "provisioning", "Its node takes long to make it ready";
    MountFailed, "mount-failed", "Cannot start", Bad, "failed", "Its volume cannot be mounted";
    ImageBeingPulled, "image-being-pulled", "Starting", Calm, "provisioning", "Its image is being fetched";
    ImageMissing, "image-missing", "Cannot start", Bad, "failed", "There is no such image";
    ImageDenied, "image-denied", "Cannot start", Bad, "failed", "The image may not be fetched";
    ImageUnreachable, "image-unreachable", "Cannot start", Wait, "warn", "The image cannot be reached at the moment";
    ImageRateLimited, "image-rate-limited", "Cannot start", Wait, "warn", "The registry wants a pause";
    ImageUnfit, "image-unfit", "Cannot start", Bad, "failed", "The image is not made for these nodes";
    ImageNameWrong, "image-name-wrong", "Cannot start", Bad, "failed", "The image's name is not valid";
    ImageNotThere, "image-not-there", "Cannot start", Bad, "failed", "The node does not have the image";
    ImageRefused, "image-refused", "Cannot start", Bad, "failed", "The image cannot be fetched";
    RunsAsRoot, "runs-as-root", "Cannot start", Bad, "failed", "The image wants to run as root";
    ConfigMissing, "config-missing", "Cannot start", Bad, "failed", "Something that the pod needs is not there";
    SecretMissing, "secret-missing", "Cannot start", Bad, "failed", "A Secret that it reads is not there";
    NoShell, "no-shell", "Cannot start", Bad, "failed", "The image has no shell";
    StartRefused, "start-refused", "Cannot start", Bad, "failed", "Its program could not be started";
    NodeTrouble, "node-trouble", "Cannot start", Wait, "warn", "Its node has trouble";
    // It is well, or over
    Running, "running", "Running", Good, "run", "";
    RunsLong, "runs-long", "Running", Good, "run", "It has run for long: is it still needed?";
    Stopping, "stopping", "Stopping", Calm, "leaving", "It is being stopped";
    Stopped, "stopped", "Stopped", Calm, "leaving", "";
    Succeeded, "succeeded", "Succeeded", Good, "ready", "";
    ChildKilled, "child-killed", "Succeeded", Wait, "warn", "It ended well, but ran out of memory";
    // What the cluster did to it
    OutOfMemory, "out-of-memory", "Failed", Bad, "failed", "It ran out of memory";
    NodeDiskFull, "node-disk-full", "Failed", Bad, "failed", "It was ended because its node's disk was full";
    NodeMemoryFull, "node-memory-full", "Failed", Bad, "failed", "It was ended because its node ran out of memory";
    DiskLimit, "disk-limit", "Failed", Bad, "failed", "It wrote more outside its volumes than it may";
    ScratchFull, "scratch-full", "Failed", Bad, "failed", "Its scratch space was full";
    Evicted, "evicted", "Failed", Bad, "failed", "It was taken off its node";
    NodeGone, "node-gone", "Failed", Bad, "failed", "Its node went away";
    NodeRefused, "node-refused", "Failed", Bad, "failed", "Its node did not take it";
    TimeLimit, "time-limit", "Failed", Bad, "failed", "It reached its time limit";
    // How its program ended
    PermissionDenied, "permission-denied", "Failed", Bad, "failed", "It was not allowed to write or read a file";
    ReadOnlyFiles, "read-only-files", "Failed", Bad, "failed", "It wrote where nothing can be written";
    MemoryScratchFull, "memory-scratch-full", "Failed", Bad, "failed", "Its scratch space in memory was full";
    NoSpaceLeft, "no-space-left", "Failed", Bad, "failed", "There was no space left";
    SharedMemory, "shared-memory", "Failed", Bad, "failed", "Its shared memory is too small";
    GpuMemory, "gpu-memory", "Failed", Bad, "failed", "The GPU's memory was used up";
    AlreadyThere, "already-there", "Failed", Bad, "failed", "Something that it wanted to make was there already";
    CommandMissing, "command-missing", "Failed", Bad, "failed", "A command was not found";
    NotExecutable, "not-executable", "Failed", Bad, "failed", "A command could not be run";
    Crashed, "crashed", "Failed", Bad, "failed", "Its program crashed";
    Killed, "killed", "Failed", Bad, "failed", "Its program was killed";
    ExitError, "exit-error", "Failed", Bad, "failed", "Its program ended with an error";
    FailedUnexplained, "failed-unexplained", "Failed", Bad, "failed", "It failed, and nothing says why";
}
