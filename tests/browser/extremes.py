"""Roadmaps that no layout likes: long titles in any script, 500 children, 60 levels."""

from django_roadmap.outline import Outline

TITLES = [
    "w" * 200,
    "W" * 120,
    "\N{SNAKE}\N{ROCKET}" * 50,
    "👩‍👩‍👧‍👦🇩🇪👍🏽" * 14,
    "مقدمة في لغة بايثون للمبتدئين ومن يريد أن يتعلم أكثر " * 3,
    "学习数据库、缓存和部署，以及如何把它们放在一起。" * 6,
    "Разработка веб-приложений и щедрые широкие буквы " * 3,
    "देवनागरी में एक लंबा शीर्षक " * 5,
    "Control Flow (if statements, loops)",
    "https://docs.example.org/" + "a/very/long/path-" * 9,
]


def one():
    return Outline(TITLES[0])


def wild():
    def section(title, is_optional):
        return Outline(title, is_optional=is_optional, children=[Outline(t) for t in TITLES])

    stages = [
        Outline(title, children=[section(TITLES[i], False), section(TITLES[i - 1], True)])
        for i, title in enumerate(TITLES)
    ]
    return Outline(f"Wild {TITLES[4]}", children=stages)


def wide():
    topics = [Outline(f"{TITLES[number % len(TITLES)][:150]} {number}") for number in range(500)]
    return Outline("Wide", children=[Outline("All", children=topics)])


def deep():
    top = part = Outline("Deep")
    for level in range(60):
        part.children.append(Outline(f"{TITLES[level % len(TITLES)][:150]} {level}"))
        [part] = part.children
    return top
