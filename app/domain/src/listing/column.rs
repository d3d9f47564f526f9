//! What can a list show of each volume, and what can it be sorted by?

/// A property that a list shows in a column and sorts by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    Name,
    Owner,
    Status,
    Size,
    Full,
    Class,
    Kind,
    Access,
    UsedBy,
    Labels,
    MountPath,
    Pvc,
    Id,
    Age,
}

impl Column {
    pub const ALL: [Self; 14] = [
        Self::Name,
        Self::Owner,
        Self::Status,
        Self::Size,
        Self::Full,
        Self::Class,
        Self::Kind,
        Self::Access,
        Self::UsedBy,
        Self::Labels,
        Self::MountPath,
        Self::Pvc,
        Self::Id,
        Self::Age,
    ];
    /// What a list shows unless it is asked for more. The owner stands in the list of everybody's volumes only.
    pub(super) const USUAL: [Self; 8] =
        [Self::Name, Self::Owner, Self::Status, Self::Size, Self::Class, Self::Access, Self::UsedBy, Self::Age];

    /// Its word in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Owner => "owner",
            Self::Status => "status",
            Self::Size => "size",
            Self::Full => "full",
            Self::Class => "class",
            Self::Kind => "kind",
            Self::Access => "access",
            Self::UsedBy => "used-by",
            Self::Labels => "labels",
            Self::MountPath => "mount-path",
            Self::Pvc => "pvc",
            Self::Id => "id",
            Self::Age => "age",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Owner => "Owner",
            Self::Status => "Status",
            Self::Size => "Size",
            Self::Full => "Full",
            Self::Class => "Class",
            Self::Kind => "Kind",
            Self::Access => "Access",
            Self::UsedBy => "Used by",
            Self::Labels => "Labels",
            Self::MountPath => "Mount path",
            Self::Pvc => "PVC",
            Self::Id => "Id",
            Self::Age => "Age",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.word() == word)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: Column,
    pub descending: bool,
}

impl Sort {
    pub(super) const USUAL: Self = Self { by: Column::Name, descending: false };

    /// As in addresses: `size`, or `-size` for the largest first.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.by.word())
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        let (descending, word) = word.strip_prefix('-').map_or((false, word), |word| (true, word));
        Some(Self { by: Column::of(word)?, descending })
    }
}
